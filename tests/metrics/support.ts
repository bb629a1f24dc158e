import fc from 'fast-check';
import { textColumn } from '../../src/data/columns.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import type { Metric } from '../../src/metrics/metric.js';

/** A query as the definitions see it: which of its items are relevant, how many relevant ones it missed, and its category. */
export interface Query {
  readonly hits: readonly boolean[];
  readonly missed: number;
  readonly category?: string | null;
  readonly shop?: string | null;
}

/** Results of these queries, rows 0, 1, ... */
export function resultsOf(queries: readonly Query[]): RetrievalResults {
  return RetrievalResults.fromLists({
    retrieved: queries.map(({ hits }) => hits.map((_, i) => i)),
    distances: queries.map(({ hits }) => hits.map((_, i) => i / 8)),
    relevant: queries.map(({ hits, missed }) => [
      ...hits.flatMap((hit, i) => (hit ? [i] : [])),
      ...Array.from({ length: missed }, (_, i) => hits.length + i),
    ]),
    columns: {
      category: textColumn(queries.map(({ category }) => category ?? null)),
      shop: textColumn(queries.map(({ shop }) => shop ?? null)),
    },
  });
}

/** Queries of all kinds: empty lists, no ground truth, neither, long tails, null categories and odd names. */
export const anyQuery: fc.Arbitrary<Query> = fc.record({
  hits: fc.array(fc.boolean(), { maxLength: 12 }),
  missed: fc.nat({ max: 4 }),
  category: fc.constantFrom('a', 'item 2', 'item 10', '10', '9', '__proto__', 'constructor', 'OVERALL', null),
  shop: fc.constantFrom('x', 'y', null),
});

/** Numbers in [0, 1) from a seed (mulberry32). */
export function random(seed: number): () => number {
  let a = seed | 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function shuffled<T>(items: readonly T[], next: () => number): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

/** The state of all queries, met in a random order, in random batches (some of them empty), by several states that merge in a random tree. */
export function scattered<S, V>(metric: Metric<S, V>, rr: RetrievalResults, seed: number): S {
  const next = random(seed);
  const rows = shuffled(
    Array.from({ length: rr.length }, (_, i) => i),
    next,
  );
  const states = Array.from({ length: 1 + Math.floor(next() * 4) }, () => metric.init());
  while (rows.length > 0) {
    const batch = rows.splice(0, Math.floor(next() * 5));
    metric.update(states[Math.floor(next() * states.length)], rr.pick(batch));
  }
  while (states.length > 1) {
    const [other] = states.splice(Math.floor(next() * states.length), 1);
    metric.merge(states[Math.floor(next() * states.length)], other);
  }
  return states[0];
}

/** The state of all queries in one batch. */
export function whole<S, V>(metric: Metric<S, V>, rr: RetrievalResults): S {
  const state = metric.init();
  metric.update(state, rr);
  return state;
}

/** cmc, precision and map written from their definitions, a query at a time. */
export const naive: Record<string, (query: Query, k: number) => number> = {
  cmc: (query, k) => empty(query) ?? (query.hits.slice(0, k).includes(true) ? 1 : 0),
  precision: (query, k) => {
    const top = query.hits.slice(0, k);
    return empty(query) ?? top.filter(Boolean).length / Math.min(numRelevant(query), top.length);
  },
  map: (query, k) => {
    const top = query.hits.slice(0, k);
    const precisions = top.flatMap((hit, i) => (hit ? [top.slice(0, i + 1).filter(Boolean).length / (i + 1)] : []));
    return empty(query) ?? (precisions.length === 0 ? 0 : precisions.reduce((a, b) => a + b) / precisions.length);
  },
};

function numRelevant({ hits, missed }: Query): number {
  return missed + hits.filter(Boolean).length;
}

function empty(query: Query): number | undefined {
  if (numRelevant(query) === 0) return query.hits.length === 0 ? 1 : 0;
  return query.hits.length === 0 ? 0 : undefined;
}
