import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import type { Pairs, PairwiseModel } from '../../src/models/pairwise-model.js';
import { rerank } from '../../src/postprocess/rerank.js';
import { judgedResults } from '../support/arbitraries.js';
import { goldenCases, hasGolden } from '../support/golden.js';
import { apply, fromGolden } from './apply.js';

/** A model that knows the distance of every pair. */
function model(distance: (query: number, row: number, pair: number) => number): PairwiseModel {
  return {
    name: 'known',
    needs: [],
    distances: async ({ rr, queries, rows }: Pairs) => Array.from(queries, (q, i) => distance(rr.rows[q], rows[i], i)),
  };
}

/** Results of every kind: also with negative distances. */
const results = fc
  .record({ rr: judgedResults, shift: fc.constantFrom(0, -0.5, -40), scale: fc.constantFrom(1, 1e-30, 1e35) })
  .map(({ rr, shift, scale }) => RetrievalResults.checked({ ...rr, distances: rr.distances.map((d) => (d + shift) * scale) }));
const topN = fc.integer({ min: 2, max: 14 });
/** A value of a pair that depends on nothing but the pair. */
const pairValue = (seed: number, size: number) => (query: number, row: number) =>
  Math.fround(((Math.imul(query * 31 + row + seed, 2654435761) % 1000) / 500) * size);

describe('rerank', () => {
  it('is what the example of OML says', async () => {
    const rr = RetrievalResults.fromLists({ retrieved: [[3, 2, 1, 0, 4]], distances: [[0.1, 0.2, 0.5, 0.6, 0.7]], relevant: [[1]] });
    const after = await apply(
      rerank(
        model((_q, _row, i) => [0.4, 0.2, 0.3][i]),
        { topN: 3 },
      ),
      rr,
    );
    expect([...after.ids]).toEqual([2, 1, 3, 0, 4]);
    expect([...after.distances]).toEqual([0.2, 0.3, 0.4, 0.6, 0.7].map(Math.fround));
    expect([...(after.gains ?? [])]).toEqual([0, 1, 0, 0, 0]);
    expect([...rr.ids]).toEqual([3, 2, 1, 0, 4]);
  });

  it('gives a valid list where OML does not: the rest is negative', async () => {
    const rr = RetrievalResults.fromLists({ retrieved: [[0, 1, 2, 3]], distances: [[-3, -2, -1, 5]] });
    const after = await apply(
      rerank(
        model((_q, row) => [-3, 2][row]),
        { topN: 2 },
      ),
      rr,
    );
    const gap = Math.fround(1000 * 2 ** -23);
    expect([...after.distances]).toEqual([Math.fround(-6 - gap), Math.fround(-1 - gap), -1, 5]);
  });

  it('permutes the first topN alone, and gives valid results', () =>
    fc.assert(
      fc.asyncProperty(results, topN, fc.integer(), fc.constantFrom(1e-20, 1, 1e38), async (rr, n, seed, size) => {
        const after = await apply(rerank(model(pairValue(seed, size)), { topN: n }), rr);
        RetrievalResults.checked(after);
        expect(after.offsets).toEqual(rr.offsets);
        expect(after.numRelevant).toEqual(rr.numRelevant);
        for (let q = 0; q < rr.length; q++) {
          const [before, now] = [rr.retrievedIds(q), after.retrievedIds(q)];
          expect([...now.slice(0, n)].sort()).toEqual([...before.slice(0, n)].sort());
          expect([...now.slice(n)]).toEqual([...before.slice(n)]);
          expect([...after.distancesOf(q).slice(n)]).toEqual([...rr.distancesOf(q).slice(n)]);
          const value = pairValue(seed, size);
          const values = [...now.slice(0, n)].map((row) => value(rr.rows[q], row));
          expect(values).toEqual([...values].sort((a, b) => a - b));
        }
      }),
    ));

  it('is the identity with the distances that are there', () =>
    fc.assert(
      fc.asyncProperty(results, topN, async (rr, n) => {
        const known = model((query, row) => {
          const q = rr.rows.indexOf(query);
          return rr.distancesOf(q)[rr.retrievedIds(q).indexOf(row)];
        });
        expect((await apply(rerank(known, { topN: n }), rr)).equals(rr)).toBe(true);
      }),
    ));

  it('refuses a distance that is not a number, naming query and item', async () => {
    const rr = RetrievalResults.fromLists({ retrieved: [[5], [7, 8]], distances: [[0.1], [0.1, 0.2]], firstRow: 40 });
    const broken = rerank(
      model((_q, row) => (row === 8 ? Number.NaN : 1)),
      { topN: 2 },
    );
    await expect(apply(broken, rr)).rejects.toThrow('rerank: known gave NaN for query 41 and gallery item 8');
    const huge = rerank(
      model(() => 1e39),
      { topN: 2 },
    );
    await expect(apply(huge, rr)).rejects.toThrow('query 40 and gallery item 5; a distance must be finite in float32');
    const short = rerank({ ...model(() => 1), distances: async () => [1] }, { topN: 2 });
    await expect(apply(short, rr)).rejects.toThrow('gave 1 distances for 3 pairs');
  });

  it.each([1, 0, 2.5, Number.NaN])('refuses topN %s', (n) => {
    expect(() =>
      rerank(
        model(() => 0),
        { topN: n },
      ),
    ).toThrow(`topN must be an integer of at least 2, not ${n}`);
  });
});

describe.runIf(hasGolden)('parity with OML', () => {
  it.each(goldenCases('pairwise_reranker').map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const { rr, expected } = fromGolden(one);
    const given = (one.model_distances as number[][]).flat();
    const after = await apply(
      rerank(
        model((_q, _row, i) => given[i]),
        { topN: one.top_n as number },
      ),
      rr,
    );
    for (let q = 0; q < after.length; q++) {
      expect([...after.retrievedIds(q)]).toEqual(expected.retrieved_ids[q]);
      for (const [i, distance] of after.distancesOf(q).entries()) expect(distance).toBeCloseTo(expected.distances[q][i], 6);
    }
  });
});
