import fc from 'fast-check';
import { judgedByLists } from '../../src/data/judged-by-lists.js';
import { packLists } from '../../src/data/lists.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';

/** A query of a graded test collection: gains of its retrieved items (null: unjudged), nearest first, and of the judged items that it missed. */
export interface GradedQuery {
  readonly gains: readonly (number | null)[];
  readonly missed: readonly number[];
}

/** Results of these queries with all their judgements. @param nameOf the gallery row of the i-th item of a query */
export function gradedResults(queries: readonly GradedQuery[], nameOf: (i: number) => number = (i) => i): RetrievalResults {
  const { offsets, values: ids } = packLists(
    queries.map(({ gains }) => gains.map((_, i) => nameOf(i))),
    Int32Array,
  );
  const judged = queries.map(({ gains, missed }) => [
    ...gains.flatMap((gain, i) => (gain === null ? [] : [{ row: nameOf(i), gain }])),
    ...missed.map((gain, i) => ({ row: nameOf(gains.length + i), gain })),
  ]);
  const relevant = packLists(
    judged.map((list) => list.map(({ row }) => row)),
    Int32Array,
  );
  const relevantGains = Float32Array.from(judged.flatMap((list) => list.map(({ gain }) => gain)));
  return RetrievalResults.checked({
    info: {},
    rows: Uint32Array.from(queries.keys()),
    offsets,
    ids,
    distances: Float32Array.from(queries.flatMap(({ gains }) => gains.map((_, i) => i))),
    columns: {},
    ...judgedByLists({ offsets, ids }, relevant, relevantGains),
  });
}

const gain = fc.constantFrom(-1, 0, 0, 0, 1, 1, 2, 3, 4);
/** Queries of all kinds: nothing retrieved, nothing relevant, unjudged items and items in the pool that were not judged. */
export const gradedQuery: fc.Arbitrary<GradedQuery> = fc.record({
  gains: fc.array(fc.oneof(gain, fc.constant(null)), { maxLength: 14 }),
  missed: fc.array(gain, { maxLength: 5 }),
});

type Naive = (query: GradedQuery, k: number, rel: number) => number;

/** The measures as the textbooks have them, a query at a time and without a thought of speed. */
export const textbook: Record<string, Naive> = {
  AP: (query, k, rel) => over(sum(ranks(query, k, rel).map((rank) => ranks(query, rank, rel).length / rank)), relevant(query, rel)),
  P: (query, k, rel) => ranks(query, k, rel).length / k,
  R: (query, k, rel) => over(ranks(query, k, rel).length, relevant(query, rel)),
  RR: (query, k, rel) => over(1, Math.min(...ranks(query, k, rel))),
  Success: (query, k, rel) => (ranks(query, k, rel).length > 0 ? 1 : 0),
  Rprec: (query, _, rel) => over(ranks(query, relevant(query, rel), rel).length, relevant(query, rel)),
  nDCG: (query, k) => normalised(query, k, (g) => g),
  "nDCG(dcg='exp-log2')": (query, k) => normalised(query, k, (g) => 2 ** g - 1),
  Bpref: (query, _, rel) => {
    const bad = judgements(query).filter((g) => g >= 0 && g < rel).length;
    const most = Math.min(bad, relevant(query, rel));
    const above = (rank: number) => query.gains.slice(0, rank).filter((g) => g !== null && g >= 0 && g < rel).length;
    const terms = ranks(query, Number.POSITIVE_INFINITY, rel).map((rank) => 1 - over(Math.min(above(rank), relevant(query, rel)), most));
    return over(sum(terms), relevant(query, rel));
  },
  infAP: (query, _, rel) => {
    const e = 1e-5;
    const terms = ranks(query, Number.POSITIVE_INFINITY, rel).map((rank) => {
      const pooled = query.gains.slice(0, rank - 1).filter((g) => g !== null);
      const judged = pooled.filter((g) => g >= 0);
      const precision = (judged.filter((g) => g >= rel).length + e) / (judged.length + 2 * e);
      return 1 / rank + ((rank - 1) / rank) * over(pooled.length, rank - 1) * precision;
    });
    return over(sum(terms), relevant(query, rel));
  },
  'IPrec@0.3': (query, _, rel) => interpolated(query, 0.3, rel),
  'IPrec@1': (query, _, rel) => interpolated(query, 1, rel),
  '11pt_avg': (query, _, rel) => sum(Array.from({ length: 11 }, (_, i) => interpolated(query, i / 10, rel))) / 11,
  RBP: (query, k, rel) => 0.2 * sum(ranks(query, k, rel).map((rank) => 0.8 ** (rank - 1))),
  ERR: (query, k) => {
    const stop = (g: number | null) => (2 ** Math.max(g ?? 0, 0) - 1) / 16;
    const goesOn = (rank: number) => query.gains.slice(0, rank).reduce<number>((product, g) => product * (1 - stop(g)), 1);
    return sum(query.gains.slice(0, k).map((g, i) => (goesOn(i) * stop(g)) / (i + 1)));
  },
  SetP: (query, _, rel) => over(all(query, rel), query.gains.length),
  SetR: (query, _, rel) => over(all(query, rel), relevant(query, rel)),
  SetF: (query, _, rel) => over(2 * all(query, rel), query.gains.length + relevant(query, rel)),
  SetAP: (query, _, rel) => over(all(query, rel) ** 2, query.gains.length * relevant(query, rel)),
  Judged: (query, k) => over(query.gains.slice(0, k).filter((g) => g !== null).length, Math.min(k, query.gains.length)),
  NumRet: (query) => query.gains.length,
  NumRel: (query, _, rel) => relevant(query, rel),
  NumRelRet: (query, _, rel) => all(query, rel),
  NumQ: () => 1,
};

function over(a: number, b: number): number {
  return b === 0 || b === Number.POSITIVE_INFINITY ? 0 : a / b;
}

function sum(terms: readonly number[]): number {
  return terms.reduce((a, b) => a + b, 0);
}

function ranks({ gains }: GradedQuery, k: number, rel: number): number[] {
  return gains.slice(0, k).flatMap((g, i) => (g !== null && g >= rel ? [i + 1] : []));
}

function all(query: GradedQuery, rel: number): number {
  return ranks(query, Number.POSITIVE_INFINITY, rel).length;
}

function judgements({ gains, missed }: GradedQuery): number[] {
  return [...gains.filter((g) => g !== null), ...missed];
}

function relevant(query: GradedQuery, rel: number): number {
  return judgements(query).filter((g) => g >= rel).length;
}

function normalised(query: GradedQuery, k: number, gainOf: (g: number) => number): number {
  const dcg = (list: readonly (number | null)[]) => sum(list.slice(0, k).map((g, i) => gainOf(Math.max(g ?? 0, 0)) / Math.log2(i + 2)));
  return over(dcg(query.gains), dcg(judgements(query).sort((a, b) => b - a)));
}

function interpolated(query: GradedQuery, recall: number, rel: number): number {
  const wanted = Math.round(recall * relevant(query, rel));
  const precisions = query.gains.flatMap((_, i) => {
    const hits = ranks(query, i + 1, rel).length;
    return hits >= wanted ? [hits / (i + 1)] : [];
  });
  return Math.max(0, ...precisions);
}
