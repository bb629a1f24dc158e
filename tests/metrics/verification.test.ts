import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { bestF1, bestF1Threshold } from '../../src/metrics/best-f1.js';
import { operatingPoints } from '../../src/metrics/curves.js';
import { eer, eerThreshold } from '../../src/metrics/eer.js';
import { fmrThresholdMeasure, fnmrAtFmr, tarAtFar } from '../../src/metrics/fnmr.js';
import { pairValues } from '../../src/metrics/pair-values.js';
import { type RetrievedPairs, retrievedPairs } from '../../src/metrics/retrieved-pairs.js';
import { goldenCases, hasGolden } from '../support/golden.js';
import { countsOf, pairsAsResults, valueOfPairs } from './pair-support.js';
import { random, scattered, whole } from './support.js';

interface Reference {
  readonly shares: number[];
  readonly quantiles: { readonly name: string; readonly values: number[]; readonly quantiles: number[] }[];
}
const reference: Reference = JSON.parse(readFileSync(new URL('../fixtures/metrics/numpy-reference.json', import.meta.url), 'utf8'));

/** Distances with ties: of any size, or of few values. */
const distance = fc.oneof(
  fc.float({ min: -4, max: 4, noNaN: true }),
  fc.integer({ min: 0, max: 6 }).map((n) => n / 4),
);
const some = fc.array(distance, { minLength: 1, maxLength: 40 });
const share = fc.oneof(fc.constantFrom(0, 0.1, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true }));

/** The rates at a threshold, by definition. */
const fnmrAt = (positives: number[], threshold: number) => positives.filter((d) => d >= threshold).length / positives.length;
const fmrAt = (negatives: number[], threshold: number) => negatives.filter((d) => d < threshold).length / negatives.length;
const thresholds = (...values: number[][]) => [...new Set([...values.flat(), Number.POSITIVE_INFINITY])].sort((a, b) => a - b);

describe('the threshold', () => {
  it.each(reference.quantiles)('is that of numpy.quantile, to the bit: $name', ({ values, quantiles }) => {
    reference.shares.forEach((fmr, i) => {
      expect(valueOfPairs(fmrThresholdMeasure(fmr), [], values), `quantile ${fmr}`).toBe(quantiles[i]);
    });
  });
});

describe('fnmr@fmr and tar@far', () => {
  it('are the definition', () => {
    fc.assert(
      fc.property(some, some, share, (positives, negatives, x) => {
        const threshold = valueOfPairs(fmrThresholdMeasure(x), positives, negatives)!;
        const fnmr = valueOfPairs(fnmrAtFmr(x), positives, negatives)!;
        expect(fnmr).toBe(fnmrAt(positives, threshold));
        expect(valueOfPairs(tarAtFar(x), positives, negatives)).toBeCloseTo(1 - fnmr, 14);
      }),
    );
  });

  it('fnmr falls, tar grows, when more negatives may match', () => {
    fc.assert(
      fc.property(some, some, share, share, (positives, negatives, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        expect(valueOfPairs(fnmrAtFmr(low), positives, negatives)!).toBeGreaterThanOrEqual(
          valueOfPairs(fnmrAtFmr(high), positives, negatives)!,
        );
        expect(valueOfPairs(tarAtFar(low), positives, negatives)!).toBeLessThanOrEqual(valueOfPairs(tarAtFar(high), positives, negatives)!);
      }),
    );
  });

  it("OML's example", () => {
    const [positives, negatives] = [
      [0, 0, 1, 1, 2, 2, 5, 5, 9, 9],
      [3, 3, 4, 4, 6, 6, 7, 7, 8, 8],
    ];
    expect([0.1, 0.5].map((fmr) => valueOfPairs(fnmrAtFmr(fmr), positives, negatives))).toEqual([0.4, 0.2]);
  });

  it('tell positives inside the gap that the threshold cuts', () => {
    expect(valueOfPairs(fnmrAtFmr(0.5), [1.0001, 1.2499, 1.2501, 1.4999], [1, 1.5])).toBe(0.5);
  });

  it.each([-0.1, 1.1, Number.NaN])('refuse %s', (x) => {
    expect(() => fnmrAtFmr(x)).toThrow('fmr must be a number from 0 to 1');
    expect(() => tarAtFar(x)).toThrow('far must be a number from 0 to 1');
  });
});

describe('eer', () => {
  it('is half the smaller sum of the rates where they cross', () => {
    fc.assert(
      fc.property(some, some, (positives, negatives) => {
        const sums = thresholds(positives, negatives).map((t) => {
          const [fmr, fnmr] = [fmrAt(negatives, t), fnmrAt(positives, t)];
          return { sum: fmr + fnmr, difference: fmr - fnmr };
        });
        const before = sums.filter(({ difference }) => difference <= 1e-12).at(-1)!;
        const after = sums.find(({ difference }) => difference >= -1e-12)!;
        const value = valueOfPairs(eer(), positives, negatives)!;
        expect(value).toBeCloseTo(Math.min(before.sum, after.sum) / 2, 12);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        const threshold = valueOfPairs(eerThreshold(), positives, negatives)!;
        expect((fmrAt(negatives, threshold) + fnmrAt(positives, threshold)) / 2).toBeCloseTo(value, 12);
      }),
    );
  });

  it('is 0 for pairs that are kept apart, 1 for pairs that are confused, 1/2 for pairs that are alike', () => {
    expect(valueOfPairs(eer(), [0.1, 0.2], [0.5, 0.6])).toBe(0);
    expect(valueOfPairs(eerThreshold(), [0.125, 0.25], [0.5, 0.75])).toBe(0.25 + 2 ** -25);
    expect(valueOfPairs(eer(), [0.5, 0.6], [0.1, 0.2])).toBe(1);
    expect(valueOfPairs(eer(), [1, 1], [1, 1])).toBe(0.5);
  });
});

describe('best-f1', () => {
  it('is the best of all thresholds, and reached at its own', () => {
    fc.assert(
      fc.property(some, some, (positives, negatives) => {
        const f1 = (t: number) => {
          const [tp, fp] = [positives.filter((d) => d < t).length, negatives.filter((d) => d < t).length];
          return (2 * tp) / (tp + fp + positives.length);
        };
        const best = Math.max(...thresholds(positives, negatives).map(f1));
        expect(valueOfPairs(bestF1(), positives, negatives)).toBeCloseTo(best, 14);
        expect(f1(valueOfPairs(bestF1Threshold(), positives, negatives)!)).toBeCloseTo(best, 14);
      }),
    );
  });

  it('gives bounds where too many pairs could hold the best threshold', () => {
    const next = random(3);
    const counts = countsOf(
      Array.from({ length: 30_000 }, () => 1 + 0.01 * next()),
      Array.from({ length: 2_000_000 }, () => 1 + 0.01 * next()),
      [bestF1()],
    );
    const { metrics, warnings } = pairValues([bestF1()], counts);
    expect(warnings[0]).toMatch(/^best-f1: F1 hardly changes with the threshold; the best lies between 0\.0\d+ and 0\.\d+$/);
    expect(metrics['best-f1']).toBeGreaterThan(0.029);
  });
});

describe('operatingPoints', () => {
  it('go from no match to all, exact at their thresholds', () => {
    fc.assert(
      fc.property(some, some, (positives, negatives) => {
        const points = operatingPoints(countsOf(positives, negatives, []));
        expect(points[0]).toMatchObject({ fmr: 0, fnmr: 1 });
        expect(points.at(-1)).toMatchObject({ fmr: 1, fnmr: 0 });
        for (const { threshold, fmr, fnmr } of points) {
          expect(fmr).toBe(fmrAt(negatives, threshold));
          expect(fnmr).toBe(fnmrAt(positives, threshold));
        }
      }),
    );
    expect(operatingPoints(countsOf([1], [], []))).toEqual([]);
  });
});

describe('retrievedPairs', () => {
  const measures = [fnmrAtFmr(0.1), tarAtFar(0.3), eer(), bestF1()];
  const queries = fc.array(
    fc.record({ positives: fc.array(distance, { maxLength: 6 }), negatives: fc.array(distance, { maxLength: 8 }) }),
    {
      minLength: 1,
      maxLength: 12,
    },
  );

  it('gives the same bits for any batches, order and merges, and through saved states', () => {
    fc.assert(
      fc.property(queries, fc.integer(), (given, seed) => {
        const rr = pairsAsResults(given);
        const metric = retrievedPairs(measures);
        const [one, other] = [whole(metric, rr), scattered(metric, rr, seed)];
        expect(metric.value(other)).toEqual(metric.value(one));
        const saved = JSON.stringify(metric.saveState(one));
        expect(JSON.stringify(metric.saveState(other))).toBe(saved);
        const loaded = metric.loadState(JSON.parse(saved));
        expect(JSON.stringify(metric.saveState(loaded))).toBe(saved);
        expect(metric.value(loaded)).toEqual(metric.value(one));
        const all = <K extends 'positives' | 'negatives'>(key: K) => given.flatMap((query) => query[key]);
        const expected = measures.map((measure) => valueOfPairs(measure, all('positives'), all('negatives')));
        expect(Object.values(metric.value(one).metrics)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  /** 1,230,000 distances. */
  const next = random(11);
  const batches = Array.from({ length: 10 }, () => {
    const positives = Array.from({ length: 3000 }, () => next() * 0.8);
    return pairsAsResults([{ positives, negatives: Array.from({ length: 120_000 }, () => 0.3 + next()) }]);
  });

  it('needs a second pass beyond a million distances, and is exact then', () => {
    const metric = retrievedPairs(measures);
    const [left, right] = [metric.init(), metric.init()];
    batches.forEach((rr, b) => {
      metric.update(b % 2 ? left : right, rr);
    });
    const straight = metric.init();
    for (const rr of batches) metric.update(straight, rr);
    metric.merge(left, right);
    expect(JSON.stringify(metric.saveState(left))).toBe(JSON.stringify(metric.saveState(straight)));
    expect(metric.isExact(left)).toBe(false);
    expect(metric.value(left).metrics['fnmr@fmr=0.1']).toBeNull();
    expect(metric.value(left).warnings[1]).toContain('need a second pass over the results');

    const again = metric.refine?.(left) as typeof metric;
    const exact: RetrievedPairs = again.init();
    for (const rr of batches) again.update(exact, rr);
    expect(again.isExact(exact)).toBe(true);
    expect(again.refine?.(exact)).toBeUndefined();
    const part = (hit: boolean) => batches.flatMap((rr) => [...rr.distances].filter((_, i) => rr.gains?.[i] === (hit ? 1 : 0)));
    const [positives, negatives] = [part(true), part(false)];
    expect(again.value(exact).metrics).toEqual(pairValues(measures, countsOf(positives, negatives, measures)).metrics);
  });

  it('merges what was kept with what was counted', () => {
    const metric = retrievedPairs(measures);
    const small = metric.init();
    metric.update(small, batches[0]);
    for (const smallFirst of [true, false]) {
      const large = metric.init();
      for (const rr of batches) metric.update(large, rr);
      const copy = metric.loadState(JSON.parse(JSON.stringify(metric.saveState(small))));
      const [into, other] = smallFirst ? [copy, large] : [large, copy];
      metric.merge(into, other);
      expect([metric.value(into).positives, metric.value(into).negatives]).toEqual([33_000, 1_320_000]);
    }
  });

  it('says which pairs are missing', () => {
    const value = (positives: number[], negatives: number[]) => {
      const metric = retrievedPairs([fnmrAtFmr(0.1), fmrThresholdMeasure(0.1), eer()]);
      return metric.value(whole(metric, pairsAsResults([{ positives, negatives }])));
    };
    const depends = 'fnmr@fmr=0.1, threshold@fmr=0.1, eer: of the retrieved items of each query only, and so dependent on k';
    expect(value([1], [])).toMatchObject({
      metrics: { 'fnmr@fmr=0.1': null, 'threshold@fmr=0.1': null, eer: null },
      warnings: [depends, 'there are no negative (not relevant) pairs: fnmr@fmr=0.1, threshold@fmr=0.1, eer are not defined'],
    });
    expect(value([], [1])).toMatchObject({
      metrics: { 'fnmr@fmr=0.1': null, 'threshold@fmr=0.1': 1, eer: null },
      warnings: [depends, 'there are no positive (relevant) pairs: fnmr@fmr=0.1, eer are not defined'],
    });
    expect(value([], []).warnings[1]).toContain('no positive (relevant) and no negative (not relevant) pairs');
  });

  it('leaves unjudged items out, and refuses results without relevance', () => {
    const judged = pairsAsResults([{ positives: [1], negatives: [2, 3] }]);
    const metric = retrievedPairs([eer()]);
    const unjudged = RetrievalResults.trusted({ ...judged, gains: Float32Array.of(1, Number.NaN, 0) });
    expect(metric.value(whole(metric, unjudged))).toMatchObject({ positives: 1, negatives: 1 });
    const bare = RetrievalResults.fromLists({ retrieved: [[0]], distances: [[1]] });
    expect(() => metric.update(metric.init(), bare)).toThrow('metrics need to know what is relevant');
    const other = retrievedPairs([bestF1()]);
    expect(() => metric.loadState(other.saveState(other.init()))).toThrow('the saved pairs are of the metrics [best-f1], not of [eer]');
    expect(() => metric.loadState({ format: 'else' })).toThrow('these are no saved pairs that this version can read: format');
  });
});

describe.runIf(hasGolden)('the fnmr@fmr that OML computed', () => {
  it.each(goldenCases('fnmr_at_fmr').map((one) => [one.name, one] as const))('of results: %s', (_, one) => {
    const { rr, fmr_vals, expected } = one as unknown as {
      rr: { distances: number[][]; retrieved_ids: number[][]; gt_ids: number[][] };
      fmr_vals: number[];
      expected: { 'fnmr@fmr': Record<string, number> };
    };
    const metric = retrievedPairs(fmr_vals.map(fnmrAtFmr));
    const results = RetrievalResults.fromLists({ retrieved: rr.retrieved_ids, distances: rr.distances, relevant: rr.gt_ids });
    const { metrics } = metric.value(whole(metric, results));
    for (const fmr of fmr_vals) expect(metrics[`fnmr@fmr=${fmr}`]).toBeCloseTo(expected['fnmr@fmr'][fmr], 6);
  });

  it.each(goldenCases('fnmr_at_fmr_raw').map((one) => [one.name, one] as const))('of distances: %s', (_, one) => {
    const { pos_dist, neg_dist, fmr_vals, expected } = one as unknown as Record<
      'pos_dist' | 'neg_dist' | 'fmr_vals' | 'expected',
      number[]
    >;
    fmr_vals.forEach((fmr, i) => {
      expect(valueOfPairs(fnmrAtFmr(fmr), pos_dist, neg_dist)).toBeCloseTo(expected[i], 6);
    });
  });
});
