import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import {
  borda,
  combAnz,
  combMax,
  combMed,
  combMin,
  combMnz,
  combSum,
  condorcet,
  type Fuse,
  fuseResults,
  isr,
  logIsr,
  lognIsr,
  NORMALISATIONS,
  rbc,
  rrf,
  weightedSum,
} from '../../src/postprocess/fusion/index.js';
import { cut, cuts } from '../support/arbitraries.js';

const golden = new URL('../../../shared/golden/ranx-fusion.json', import.meta.url);
type Run = Record<string, Record<string, number>>;

/** A run as results: document d7 is gallery row 7. */
function toResults(run: Run): RetrievalResults {
  const queries = Object.keys(run).sort();
  const lists = queries.map((query) => Object.entries(run[query]).sort((a, b) => b[1] - a[1]));
  return RetrievalResults.fromLists({
    retrieved: lists.map((list) => list.map(([doc]) => Number(doc.slice(1)))),
    distances: lists.map((list) => list.map(([, score]) => -score)),
    info: { gallerySize: 1000, distance: 'score' },
  });
}

const METHODS: Record<string, (params: { k?: number; sigma?: number; phi?: number; weights?: number[] }) => Fuse> = {
  sum: combSum,
  mnz: combMnz,
  anz: combAnz,
  max: combMax,
  min: combMin,
  med: combMed,
  wsum: ({ weights }) => weightedSum(weights as number[]),
  rrf: ({ k }) => rrf(k),
  isr,
  log_isr: logIsr,
  logn_isr: ({ sigma }) => lognIsr(sigma),
  bordafuse: () => borda(),
  w_bordafuse: ({ weights }) => borda(weights),
  rbc: ({ phi }) => rbc(phi),
};

/** Whether more than half of all votes rank item x before y. */
function majority(parts: readonly RetrievalResults[], q: number, weights: readonly number[], x: number, y: number): boolean {
  const rank = (part: RetrievalResults, row: number) => (part.retrievedIds(q).includes(row) ? part.retrievedIds(q).indexOf(row) : 1e6);
  const votes = parts.map((part, r) => (rank(part, x) < rank(part, y) ? weights[r] : 0));
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return sum(votes) > sum(weights) / 2;
}

describe.runIf(existsSync(golden))('parity with ranx', () => {
  const { runs, fused } = existsSync(golden) ? JSON.parse(readFileSync(golden, 'utf8')) : { runs: [], fused: [] };
  const parts: RetrievalResults[] = runs.map(toResults);
  const cases = (fused as { norm: string | null; method: string; params: Record<string, never>; expected: Run }[]).map(
    (one) => [`${one.norm ?? 'as they are'} ${one.method} ${JSON.stringify(one.params)}`, one] as const,
  );

  it.each(cases.filter(([, { method }]) => method in METHODS))('%s', (_name, { norm, method, params, expected }) => {
    const ours = fuseResults(parts, METHODS[method](params), { normalise: NORMALISATIONS[norm ?? 'none'] });
    for (const [q, query] of Object.keys(expected).sort().entries()) {
      const theirs = expected[query];
      expect([...ours.retrievedIds(q)].sort()).toEqual(
        Object.keys(theirs)
          .map((doc) => Number(doc.slice(1)))
          .sort(),
      );
      for (const [i, row] of ours.retrievedIds(q).entries()) {
        const score = theirs[`d${row}`];
        expect(Math.abs(-ours.distancesOf(q)[i] - score)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(score)));
      }
    }
  });

  // ranx sorts the items from the order of a Python set by a majority that has ties and cycles, which leaves several orders open.
  it.each(cases.filter(([, { method }]) => method.endsWith('condorcet')))('%s: no neighbours stand against the majority', (_name, one) => {
    const weights = (one.params as { weights?: number[] }).weights ?? [1, 1, 1];
    const ours = fuseResults(parts, condorcet(weights));
    for (const [q, query] of Object.keys(one.expected).sort().entries()) {
      const theirs = Object.entries(one.expected[query])
        .sort((a, b) => b[1] - a[1])
        .map(([doc]) => Number(doc.slice(1)));
      expect([...ours.retrievedIds(q)].sort()).toEqual([...theirs].sort());
      for (const order of [theirs, [...ours.retrievedIds(q)]]) {
        for (let i = 1; i < order.length; i++) expect(majority(parts, q, weights, order[i], order[i - 1])).toBe(false);
      }
      expect([...ours.distancesOf(q)]).toEqual(theirs.map((_, i) => i - theirs.length));
    }
  });
});

const list = fc.record({
  items: fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { maxLength: 12 }),
  gaps: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 12, maxLength: 12 }),
});
/** Several retrievals of the same queries, with ties, empty lists and negative distances. */
const retrievals = fc.integer({ min: 1, max: 6 }).chain((queries) =>
  fc.array(fc.array(list, { minLength: queries, maxLength: queries }), { minLength: 1, maxLength: 4 }).map((runs) =>
    runs.map((lists) =>
      RetrievalResults.fromLists({
        retrieved: lists.map(({ items }) => items),
        distances: lists.map(({ items, gaps }) => items.map((_, i) => gaps.slice(0, i + 1).reduce((a, b) => a + b) / 4 - 1)),
        relevant: lists.map(() => [1, 2, 3]),
        info: { gallerySize: 21, distance: 'l2' },
      }),
    ),
  ),
);
const ALL: [string, (runs: number) => Fuse][] = [
  ...Object.entries(METHODS)
    .filter(([name]) => !name.startsWith('w'))
    .map(([name, make]): [string, () => Fuse] => [name, () => make({ k: 60, sigma: 0.01, phi: 0.8 })]),
  ['condorcet', () => condorcet()],
  ['weighted sum', (runs) => weightedSum(Array.from({ length: runs }, (_, r) => r + 0.5))],
  ['weighted borda', (runs) => borda(Array.from({ length: runs }, (_, r) => r + 0.5))],
];
const normalise = fc.constantFrom(...Object.values(NORMALISATIONS));

describe('fusion', () => {
  it.each(ALL)('%s: gives valid results with every item once, and its ground truth', (_name, make) => {
    fc.assert(
      fc.property(retrievals, normalise, (parts, norm) => {
        const fused = fuseResults(parts, make(parts.length), { normalise: norm });
        RetrievalResults.checked(fused);
        for (let q = 0; q < fused.length; q++) {
          const rows = new Set(parts.flatMap((part) => [...part.retrievedIds(q)]));
          expect(new Set(fused.retrievedIds(q))).toEqual(rows);
          const gains = fused.gains?.subarray(fused.offsets[q], fused.offsets[q + 1]) ?? [];
          expect([...gains]).toEqual([...fused.retrievedIds(q)].map((row) => (row >= 1 && row <= 3 ? 1 : 0)));
        }
        expect(fused.numRelevant).toEqual(parts[0].numRelevant);
      }),
      { numRuns: 50 },
    );
  });

  it.each(ALL.filter(([name]) => name !== 'log_isr'))('%s: of one run alone is the order of that run', (_name, make) => {
    fc.assert(
      fc.property(retrievals, ([rr]) => {
        const fused = fuseResults([rr], make(1));
        for (let q = 0; q < rr.length; q++) {
          const distances = new Map([...rr.retrievedIds(q)].map((row, i) => [row, rr.distancesOf(q)[i]]));
          const inOrder = [...fused.retrievedIds(q)].map((row) => distances.get(row) as number);
          expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('rrf does not see the scale of scores', () => {
    fc.assert(
      fc.property(retrievals, (parts) => {
        const scaled = parts.map((rr, r) => RetrievalResults.checked({ ...rr, distances: rr.distances.map((d) => d * 2 ** (r + 3)) }));
        expect(fuseResults(scaled, rrf()).equals(fuseResults(parts, rrf()))).toBe(true);
      }),
    );
  });

  it.each(ALL)('%s: does not depend on batches, nor on the order of the queries', (_name, make) => {
    const cases = retrievals.chain((parts) =>
      fc.record({
        parts: fc.constant(parts),
        sizes: cuts(parts[0].length),
        order: fc.shuffledSubarray([...parts[0].rows.keys()], { minLength: parts[0].length }),
      }),
    );
    fc.assert(
      fc.property(cases, normalise, ({ parts, sizes, order }, norm) => {
        const fused = (some: readonly RetrievalResults[]) => fuseResults(some, make(some.length), { normalise: norm });
        const whole = fused(parts);
        const pieces = parts.map((part) => cut(part, sizes));
        const batches = sizes.map((_, i) => fused(pieces.map((piece) => piece[i])));
        expect(RetrievalResults.concat(batches).equals(whole)).toBe(true);
        expect(fused(parts.map((part) => part.pick(order))).equals(whole.pick(order))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps the first k', () => {
    const rr = RetrievalResults.fromLists({ retrieved: [[0, 1, 2]], distances: [[0, 1, 2]] });
    expect([...fuseResults([rr, rr], combSum(), { k: 2 }).ids]).toEqual([0, 1]);
  });

  it.each([
    [{ info: { gallerySize: 22 } }, 'galleries of 21 and of 22 items'],
    [{ firstRow: 1 }, 'different queries cannot be fused: 0 and 1'],
    [{ relevant: [[1, 2]] }, 'query 0 has 1 relevant items in one of the results and 2 in another'],
    [{ relevant: undefined }, 'with and without relevance'],
    [{ retrieved: [[1], [2]], distances: [[1], [2]], relevant: [[], []] }, 'results of 1 and of 2 queries'],
  ])('refuses %j beside other results', (difference, message) => {
    const base = { retrieved: [[1]], distances: [[0.5]], relevant: [[1]], info: { gallerySize: 21 } };
    const parts = [base, { ...base, ...difference }].map((lists) => RetrievalResults.fromLists(lists));
    expect(() => fuseResults(parts, combSum())).toThrow(message);
  });

  it('refuses scores beyond float32, and weights that do not fit', () => {
    const rr = RetrievalResults.fromLists({ retrieved: [[4]], distances: [[-(2 ** 127)]] });
    expect(() => fuseResults([rr, rr], combSum())).toThrow(
      'query 0 and gallery item 4: the fused score 3.402823669209385e+38 is beyond float32',
    );
    expect(() => fuseResults([rr], weightedSum([1, 2]))).toThrow('2 weights for 1 retrievals');
    expect(() => fuseResults([rr, rr], weightedSum([0, -0]))).toThrow('all weights are 0');
  });
});
