import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/data/errors.js';
import { compareSystems } from '../../../src/metrics/significance/compare-systems.js';
import { bonferroni, holm } from '../../../src/metrics/significance/corrections.js';
import { random } from '../support.js';

/** Values of a metric that has few different ones. */
function values(n: number, seed: number, lift = 0): Float64Array {
  const next = random(seed);
  return Float64Array.from({ length: n }, () => Math.min(1, Math.floor(6 * next() + lift) / 5));
}

const options = { permutations: 500, resamples: 300 };

describe('compareSystems', () => {
  it('finds no difference between a system and itself', async () => {
    const a = values(50, 1);
    const [{ means, against }] = await compareSystems([[a, a.slice()]], options);
    expect(means[0]).toBe(means[1]);
    expect(against).toEqual([
      {
        difference: 0,
        interval: [0, 0],
        tTest: { t: 0, df: 49, p: 1, holm: 1, bonferroni: 1 },
        randomisation: { p: 1, exact: true, assignments: 1, holm: 1, bonferroni: 1 },
        wins: 0,
        ties: 50,
        losses: 0,
        gained: [],
        lost: [],
      },
    ]);
  });

  it('negates differences and keeps p when systems change places', async () => {
    const [a, b] = [values(90, 1), values(90, 2, 0.4)];
    const [
      [
        {
          against: [there],
        },
      ],
      [
        {
          against: [back],
        },
      ],
    ] = await Promise.all([compareSystems([[a, b]], options), compareSystems([[b, a]], options)]);
    expect(back.difference).toBe(-there.difference);
    expect(back.interval).toEqual([-there.interval[1], -there.interval[0]]);
    expect(back.randomisation).toEqual(there.randomisation);
    expect(back.tTest).toEqual({ ...there.tTest, t: -(there.tTest.t as number) });
    expect([back.wins, back.ties, back.losses]).toEqual([there.losses, there.ties, there.wins]);
    expect([back.gained, back.lost]).toEqual([there.lost, there.gained]);
    expect(there.difference).toBeGreaterThan(0);
  });

  it('gives the same again, and the same raw p-values whatever is compared beside', async () => {
    const metrics = [3, 4, 5].map((seed) => [values(70, seed), values(70, seed + 10, 0.3), values(70, seed + 20)]);
    const [all, again] = await Promise.all([compareSystems(metrics, options), compareSystems(metrics, options)]);
    expect(again).toEqual(all);
    const [[one], [other]] = await Promise.all([
      compareSystems([[metrics[1][0], metrics[1][2]]], options),
      compareSystems([[metrics[1][0], metrics[1][2]]], { ...options, seed: 9 }),
    ]);
    expect(one.against[0].randomisation.p).toBe(all[1].against[1].randomisation.p);
    expect(one.against[0].interval).toEqual(all[1].against[1].interval);
    expect(other.against[0].interval).not.toEqual(one.against[0].interval);
    const family = all.flatMap(({ against }) => against.map(({ randomisation }) => randomisation));
    expect(family.map((test) => test.holm)).toEqual(holm(family.map(({ p }) => p)));
    expect(family.map((test) => test.bonferroni)).toEqual(bonferroni(family.map(({ p }) => p)));
  });

  it('tells how far it is, and stops when asked to', async () => {
    const shares: number[] = [];
    const [a, b] = [values(3000, 1), values(3000, 2)];
    await compareSystems([[a, b]], { resamples: 30_000, onProgress: (share) => shares.push(share) });
    expect(shares.length).toBeGreaterThan(1);
    expect(shares).toEqual([...shares].sort((x, y) => x - y));
    const stop = new AbortController();
    const stopped = compareSystems([[a, b]], { resamples: 10_000_000, onProgress: () => stop.abort(), signal: stop.signal });
    await expect(stopped).rejects.toThrow('aborted');
  });

  it('refuses what is no comparison', async () => {
    const a = values(5, 1);
    await expect(compareSystems([[a]])).rejects.toThrow(UserError);
    await expect(compareSystems([[a, values(6, 1)]])).rejects.toThrow('values of the same queries');
    await expect(compareSystems([[new Float64Array(0), new Float64Array(0)]])).rejects.toThrow('there are no queries to compare');
  });
});

describe('corrections', () => {
  it('raise p-values: raw <= Holm <= Bonferroni <= 1, and keep their order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (ps) => {
        const [byHolm, byBonferroni] = [holm(ps), bonferroni(ps)];
        ps.forEach((p, i) => {
          expect(byHolm[i]).toBeGreaterThanOrEqual(p);
          expect(byBonferroni[i]).toBeGreaterThanOrEqual(byHolm[i]);
          expect(byBonferroni[i]).toBeLessThanOrEqual(1);
          ps.forEach((other, j) => {
            if (p <= other) expect(byHolm[i]).toBeLessThanOrEqual(byHolm[j]);
          });
        });
      }),
    );
  });
});
