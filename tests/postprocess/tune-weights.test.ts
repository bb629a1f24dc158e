import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { foldOf } from '../../src/metrics/folds.js';
import { map } from '../../src/metrics/map.js';
import { meanMetric } from '../../src/metrics/mean-metric.js';
import { fuseResults, NORMALISATIONS, rrf, tuneWeights, weightedSum, weightGrid } from '../../src/postprocess/fusion/index.js';
import { cut, cuts, judgedResults } from '../support/arbitraries.js';

const options = { step: 0.25, folds: 3, seed: 1, normalise: NORMALISATIONS['min-max'] };
/** The same queries and judgements with the lists reversed. */
const other = (rr: RetrievalResults) => {
  const from = Int32Array.from(rr.ids, (_, i) => i);
  for (let q = 0; q < rr.length; q++) from.subarray(rr.offsets[q], rr.offsets[q + 1]).reverse();
  return rr.rearranged(rr.offsets, from, rr.distances);
};
const valueAt = (parts: readonly RetrievalResults[], positions: readonly number[], weights: readonly number[]): number | null => {
  const metric = meanMetric(map(5));
  const state = metric.init();
  const fused = fuseResults(parts, weightedSum(weights), { normalise: options.normalise });
  metric.update(state, fused.pick(positions));
  return metric.value(state);
};

describe('tuneWeights', () => {
  it('is the grid search of its definition', () =>
    fc.assert(
      fc.asyncProperty(judgedResults, async (rr) => {
        const parts = [rr, other(rr)];
        const tuned = await tuneWeights([parts], map(5), options);
        const grid = weightGrid(2, 0.25);
        const all = Array.from(rr.rows.keys());
        const best = (positions: readonly number[]) => {
          const values = grid.map((weights) => valueAt(parts, positions, weights) ?? 0);
          return values.indexOf(Math.max(...values));
        };
        expect(tuned.weights).toEqual(grid[best(all)]);
        expect(tuned.fitted).toBe(valueAt(parts, all, tuned.weights));
        expect(tuned.equal).toBe(valueAt(parts, all, [0.5, 0.5]));
        let sum = 0;
        for (const [fold, one] of tuned.folds.entries()) {
          const own = all.filter((q) => foldOf(rr.rows[q], 3, 1) === fold);
          const rest = all.filter((q) => !own.includes(q));
          const weights = grid[best(rest)];
          expect(one).toEqual({
            queries: own.length,
            weights,
            train: valueAt(parts, rest, weights),
            heldOut: valueAt(parts, own, weights),
          });
          sum += (one.heldOut ?? 0) * own.length;
        }
        expect(tuned.heldOut).toBeCloseTo(sum / all.length, 12);
      }),
      { numRuns: 30 },
    ));

  it('does not depend on batches', () =>
    fc.assert(
      fc.asyncProperty(
        judgedResults.chain((rr) => fc.tuple(fc.constant(rr), cuts(rr.length))),
        async ([rr, sizes]) => {
          const batches = cut(rr, sizes).map((part) => [part, other(part)]);
          expect(await tuneWeights(batches, map(5), options)).toEqual(await tuneWeights([[rr, other(rr)]], map(5), options));
        },
      ),
      { numRuns: 30 },
    ));

  it('finds the retrieval that is right, and says what is held out', async () => {
    const n = 40;
    const lists = (wrong: number) =>
      RetrievalResults.fromLists({
        retrieved: Array.from({ length: n }, (_, q) => (q % 10 < wrong ? [0, q + 1] : [q + 1, 0])),
        distances: Array.from({ length: n }, () => [0, 1]),
        relevant: Array.from({ length: n }, (_, q) => [q + 1]),
        info: { gallerySize: n + 1 },
      });
    const tuned = await tuneWeights([[lists(10), lists(1)]], map(1), { ...options, step: 0.1 });
    expect(tuned.weights[1]).toBeGreaterThan(0.5);
    expect(tuned).toMatchObject({ fitted: 0.9, heldOut: 0.9 });
    expect(tuned.equal).toBeLessThan(0.9);
    expect(tuned.folds.reduce((sum, { queries }) => sum + queries, 0)).toBe(n);
  });

  it('refuses what cannot be', async () => {
    await expect(tuneWeights([], map(1))).rejects.toThrow('no queries to tune weights on');
    const rr = RetrievalResults.fromLists({ retrieved: [[1]], distances: [[1]] });
    await expect(tuneWeights([[rr, rr]], map(1))).rejects.toThrow('relevance');
    await expect(tuneWeights([[rr, rr]], map(1), { step: 0.3 })).rejects.toThrow('steps that divide 1, such as 0.1 or 0.05, not 0.3');
    await expect(tuneWeights([[rr, rr]], map(1), { method: () => rrf(-1) })).rejects.toThrow('rrf');
  });
});

describe('weightGrid', () => {
  it('has every weighting once, equal weights first', () => {
    for (const [runs, count] of [
      [2, 11],
      [3, 67],
      [4, 287],
    ]) {
      const grid = weightGrid(runs, 0.1);
      // Of 3 and of 4 retrievals equal weights are no multiple of 0.1.
      expect(new Set(grid.map(String)).size).toBe(grid.length);
      expect(grid).toHaveLength(count);
      expect(grid[0]).toEqual(new Array(runs).fill(1 / runs));
      for (const weights of grid) expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    }
    expect(() => weightGrid(9, 0.1)).toThrow('43758 weightings of 9 retrievals in steps of 0.1 are too many');
  });
});
