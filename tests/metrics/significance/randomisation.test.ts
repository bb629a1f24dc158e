import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapIntervals } from '../../../src/metrics/significance/bootstrap.js';
import { pairedDifferences } from '../../../src/metrics/significance/differences.js';
import { outcomes } from '../../../src/metrics/significance/outcomes.js';
import { EXACT_UP_TO, type RandomisationTest, randomisationTests } from '../../../src/metrics/significance/randomisation.js';
import { pairedTTest } from '../../../src/metrics/significance/t-test.js';
import { random } from '../support.js';
import { COMMON, finished, share } from './support.js';

const pairs = fc.array(fc.tuple(share, share), { minLength: 1, maxLength: 11 });
const quotient = ([p, q]: readonly [number, number]) => p / q;
const test = (differences: Float64Array, permutations = 1000, seed = 0): RandomisationTest =>
  finished(randomisationTests([differences], { permutations, seed }))[0];
/** Differences of `n` queries that have no pattern. */
const noise = (n: number, seed: number, shift = 0) => {
  const next = random(seed);
  return Float64Array.from({ length: n }, () => next() - 0.5 + shift);
};

describe("Fisher's randomisation test", () => {
  it('is the count over all assignments of signs, in rational arithmetic', () => {
    fc.assert(
      fc.property(pairs, (all) => {
        const [values, baseline] = [0, 1].map((side) => Float64Array.from(all, (pair) => quotient(pair[side])));
        const { p, exact } = test(pairedDifferences(values, baseline));
        // Shares are p / q with q to 9: whole numbers of 2520ths, which add up exactly.
        const whole = all.map(([[p1, q1], [p2, q2]]) => (p1 * COMMON) / q1 - (p2 * COMMON) / q2);
        const seen = Math.abs(whole.reduce((sum, d) => sum + d, 0));
        let count = 0;
        for (let signs = 0; signs < 2 ** whole.length; signs++) {
          const sum = whole.reduce((total, d, i) => total + ((signs >> i) & 1 ? d : -d), 0);
          if (Math.abs(sum) >= seen) count++;
        }
        expect(p).toBe(count / 2 ** whole.length);
        expect(exact).toBe(true);
      }),
    );
  });

  it('does not see how a share was rounded', () => {
    // 0.1 + 0.2 - 0.3 is 5.6e-17 in doubles; 1/3 comes in several roundings.
    const values = Float64Array.of(0.1 + 0.2, 1 - 2 / 3, 0.5, 0.9);
    const baseline = Float64Array.of(0.3, 0, 0.5 + 1 / 3, 0.9);
    const differences = pairedDifferences(values, baseline);
    expect([...differences].map(Math.sign)).toEqual([0, 1, -1, 0]);
    expect(test(differences)).toEqual({ p: 1, exact: true, assignments: 4 });
  });

  it('samples where there are too many assignments, near the exact p', () => {
    for (const [seed, shift] of [
      [1, 0],
      [2, 0.05],
      [3, 0.15],
      [4, -0.2],
    ] as const) {
      const differences = noise(EXACT_UP_TO, seed, shift);
      const exact = test(differences);
      // One more difference, too small to matter, is one too many to count.
      const more = Float64Array.from([...differences, 1e-7]);
      const sampled = test(more, 40_000);
      expect([exact.exact, sampled.exact, sampled.assignments]).toEqual([true, false, 40_000]);
      expect(Math.abs(sampled.p - exact.p)).toBeLessThan(4 * Math.sqrt((exact.p * (1 - exact.p)) / 40_000) + 1e-4);
    }
  });

  it('never gives 0 by sampling: the assignment seen is one of the possible ones', () => {
    const differences = new Float64Array(100).fill(0.25);
    expect(test(differences, 999)).toEqual({ p: 1 / 1000, exact: false, assignments: 999 });
  });

  it('gives the same for the same seed, whatever else is tested, and another sample for another', () => {
    const columns = [1, 2, 3].map((seed) => noise(203, seed, 0.02));
    const together = finished(randomisationTests(columns, { permutations: 20_000, seed: 5 }));
    columns.forEach((column, c) => {
      expect(together[c]).toEqual(test(column, 20_000, 5));
    });
    const ps = [1, 2, 3, 4].map((seed) => test(columns[0], 1000, seed).p);
    expect(new Set(ps).size).toBeGreaterThan(1);
  });

  it('keeps p when two systems change places', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(), (n, seed) => {
        const differences = noise(n, seed, 0.05);
        expect(
          test(
            differences.map((d) => -d),
            200,
            seed,
          ),
        ).toEqual(test(differences, 200, seed));
      }),
    );
  });
});

describe('bootstrap intervals', () => {
  it('turn around when two systems change places, lie inside the data, and hold the mean', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.integer({ min: 1, max: 300 }), (n, seed, resamples) => {
        const differences = noise(n, seed);
        const interval = (of: Float64Array) => finished(bootstrapIntervals([of], { resamples, seed }))[0] as [number, number];
        const [low, high] = interval(differences);
        expect(interval(differences.map((d) => -d))).toEqual([0 - high, 0 - low]);
        expect(low).toBeGreaterThanOrEqual(Math.min(...differences) - 1e-12);
        expect(high).toBeLessThanOrEqual(Math.max(...differences) + 1e-12);
        expect(low).toBeLessThanOrEqual(high);
      }),
    );
  });

  it('hold the true mean of 0 about 95 times in 100', () => {
    let held = 0;
    for (let seed = 0; seed < 300; seed++) {
      const [interval] = finished(bootstrapIntervals([noise(60, seed)], { resamples: 400, seed }));
      if (interval && interval[0] <= 0 && interval[1] >= 0) held++;
    }
    expect(held / 300).toBeGreaterThan(0.9);
    expect(held / 300).toBeLessThan(0.985);
  });

  it('are points where all queries differ by the same', () => {
    expect(finished(bootstrapIntervals([new Float64Array(50).fill(0.25), new Float64Array(50)], { resamples: 100, seed: 1 }))).toEqual([
      [0.25, 0.25],
      [0, 0],
    ]);
    expect(finished(bootstrapIntervals([new Float64Array(0)], { resamples: 10, seed: 1 }))).toEqual([null]);
  });
});

describe('the paired t-test', () => {
  it.each([
    ['no query', [], { t: null, df: 0, p: 1 }],
    ['one query', [0.5], { t: null, df: 0, p: 1 }],
    ['one query without a difference', [0], { t: 0, df: 0, p: 1 }],
    ['no differences', [0, 0, 0], { t: 0, df: 2, p: 1 }],
    ['the same difference everywhere', [0.5, 0.5, 0.5], { t: null, df: 2, p: 0 }],
    ['differences that cancel', [0.5, -0.5], { t: 0, df: 1, p: 1 }],
  ])('is defined for %s', (_, differences, wanted) => {
    expect(pairedTTest(Float64Array.from(differences))).toEqual(wanted);
  });

  it('does not depend on the order of queries, and turns around with the systems', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 30 }), (all) => {
        const test = pairedTTest(Float64Array.from(all));
        expect(pairedTTest(Float64Array.from([...all].sort()))).toEqual(test);
        expect(pairedTTest(Float64Array.from(all, (d) => -d))).toEqual({ ...test, t: test.t === null ? null : 0 - test.t });
        expect(test.p).toBeGreaterThanOrEqual(0);
        expect(test.p).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('outcomes', () => {
  it('count wins, ties and losses, and find the queries at both ends', () => {
    const differences = Float64Array.of(0.1, -0.3, 0, 0.5, 0.1, -0.2, 0.5);
    expect(outcomes(differences, 3)).toEqual({ wins: 4, ties: 1, losses: 2, gained: [3, 6, 0], lost: [1, 5] });
    expect(outcomes(differences, 0)).toEqual({ wins: 4, ties: 1, losses: 2, gained: [], lost: [] });
  });
});
