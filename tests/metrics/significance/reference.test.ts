import { describe, expect, it } from 'vitest';
import { bootstrapIntervals } from '../../../src/metrics/significance/bootstrap.js';
import { bonferroni, holm } from '../../../src/metrics/significance/corrections.js';
import { pairedDifferences } from '../../../src/metrics/significance/differences.js';
import { xoshiro128 } from '../../../src/metrics/significance/random.js';
import { randomisationTests } from '../../../src/metrics/significance/randomisation.js';
import { pairedTTest } from '../../../src/metrics/significance/t-test.js';
import { finished, type ReferencePair, reference } from './support.js';

const differences = ({ values, baseline }: ReferencePair) => pairedDifferences(Float64Array.from(values), Float64Array.from(baseline));
const { exact, sampled } = reference;

describe('scipy agrees', () => {
  it.each([...exact, ...sampled].map((pair) => [pair.values.length, pair] as const))('on the t-test of %i queries', (_, pair) => {
    const { t, df, p } = pairedTTest(differences(pair));
    expect(t).toBeCloseTo(pair.t, 10);
    expect(df).toBe(pair.df);
    expect(Math.abs(p - pair.t_p)).toBeLessThan(1e-6 * Math.max(pair.t_p, 0.01));
  });

  it('on the t distribution, far out and with many degrees of freedom', () => {
    for (const { t, df, p } of reference.t_distribution) {
      // Half of the differences are 1 + a, half 1 - a: their mean is 1, and a makes the standard error 1 / t.
      const a = Math.sqrt(df) / t;
      const got = pairedTTest(Float64Array.from({ length: df + 1 }, (_, i) => (i % 2 ? 1 + a : 1 - a)));
      expect(got.t).toBeCloseTo(t, 8);
      expect(Math.abs(got.p - p), `t ${t}, df ${df}`).toBeLessThan(1e-5 * p);
    }
  });

  it.each(exact.map((pair) => [pair.values.length, pair] as const))('on the exact randomisation test of %i queries', (_, pair) => {
    const [{ p, exact: counted }] = finished(randomisationTests([differences(pair)], { permutations: 1, seed: 0 }));
    expect(counted).toBe(true);
    expect(p).toBe(pair.randomisation_p);
  });

  it.each(sampled.map((pair) => [pair.values.length, pair] as const))('on the randomisation test of %i queries by sampling', (_, pair) => {
    const permutations = 100_000;
    const [{ p, exact: counted }] = finished(randomisationTests([differences(pair)], { permutations, seed: 1 }));
    const wanted = pair.randomisation_p;
    expect(counted).toBe(false);
    // Both are samples: four standard errors of their difference.
    expect(Math.abs(p - wanted)).toBeLessThan(4 * Math.sqrt((2 * wanted * (1 - wanted)) / permutations) + 2 / permutations);
  });

  it.each(sampled.map((pair) => [pair.values.length, pair] as const))('on the bootstrap interval of %i queries', (_, pair) => {
    const [interval] = finished(bootstrapIntervals([differences(pair)], { resamples: 20_000, seed: 1 }));
    const width = pair.interval[1] - pair.interval[0];
    interval?.forEach((end, i) => {
      expect(Math.abs(end - pair.interval[i])).toBeLessThan(0.03 * width);
    });
    expect(interval).not.toBeNull();
  });

  it('with the definition of the corrections', () => {
    for (const { p, holm: byHolm, bonferroni: byBonferroni } of reference.families) {
      holm(p).forEach((corrected, i) => {
        expect(corrected).toBeCloseTo(byHolm[i], 15);
      });
      expect(bonferroni(p)).toEqual(byBonferroni);
    }
  });
});

describe('xoshiro128**', () => {
  it('gives the sequence of its definition', () => {
    const next = xoshiro128(reference.xoshiro128.state);
    expect(reference.xoshiro128.first.map(() => next())).toEqual(reference.xoshiro128.first);
  });
});
