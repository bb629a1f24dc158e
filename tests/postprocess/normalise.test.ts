import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { csls, minMax, sNorm, tNorm, zNorm } from '../../src/postprocess/normalise/index.js';
import type { Postprocessor } from '../../src/postprocess/postprocessor.js';
import { cut, cuts, judgedResults } from '../support/arbitraries.js';
import { apply } from './apply.js';
import { applyInParts, expectValid, lists } from './support.js';

const STEPS: [string, () => Postprocessor<unknown>][] = [
  ['min-max', minMax],
  ['z-norm', zNorm],
  ['t-norm', tNorm as () => Postprocessor<unknown>],
  ['s-norm', sNorm as () => Postprocessor<unknown>],
  ['csls', () => csls(3) as Postprocessor<unknown>],
];

/** The same results far from 0, at distances of any size, and of either sign. */
const results = fc
  .tuple(judgedResults, fc.constantFrom(1, 2 ** -140, 2 ** -20, 2 ** 100, 2 ** 126), fc.constantFrom(0, 1, -3, 2 ** 20))
  .map(([rr, scale, shift]) =>
    RetrievalResults.checked({ ...rr, distances: rr.distances.map((d) => ((d + shift) / (6 + Math.abs(shift))) * scale) }),
  );

describe.each(STEPS)('%s', (_name, make) => {
  it('gives valid results of the same items', () =>
    fc.assert(
      fc.asyncProperty(results, async (rr) => {
        const after = await apply(make(), rr);
        expectValid(after, rr, expect);
        expect([...after.offsets]).toEqual([...rr.offsets]);
      }),
    ));

  it('does not depend on batches, their order, or how what was learned is merged', () =>
    fc.assert(
      fc.asyncProperty(
        results.chain((rr) => fc.tuple(fc.constant(rr), cuts(rr.length))),
        async ([rr, sizes]) => {
          const whole = await apply(make(), rr);
          expect((await applyInParts(make(), cut(rr, sizes))).equals(whole)).toBe(true);
          const backwards = Array.from({ length: rr.length }, (_, i) => rr.length - 1 - i);
          expect((await apply(make(), rr.pick(backwards))).pick(backwards).equals(whole)).toBe(true);
        },
      ),
    ));

  it('is 0 everywhere, in the order that was, when all distances are equal', async () => {
    const rr = RetrievalResults.fromLists({ retrieved: [[3, 1, 2], [1, 2], [7], []], distances: [[0.1, 0.1, 0.1], [0.1, 0.1], [0.1], []] });
    const after = await apply(make(), rr);
    expect(lists(after)).toEqual(lists(rr).map(({ ids }) => ({ ids, distances: ids.map(() => 0) })));
  });
});

describe.each(STEPS.slice(0, 2))('%s', (_name, make) => {
  it("keeps each query's order", () =>
    fc.assert(
      fc.asyncProperty(results, async (rr) => {
        expect([...(await apply(make(), rr)).ids]).toEqual([...rr.ids]);
      }),
    ));

  it('does not see units: another scale and shift give the same', () =>
    fc.assert(
      fc.asyncProperty(judgedResults, async (rr) => {
        const other = RetrievalResults.checked({ ...rr, distances: rr.distances.map((d) => 4 * d - 8) });
        const [a, b] = [await apply(make(), rr), await apply(make(), other)];
        for (let i = 0; i < a.distances.length; i++) expect(b.distances[i]).toBeCloseTo(a.distances[i], 6);
      }),
    ));
});

const rr = RetrievalResults.fromLists({
  retrieved: [
    [0, 1, 2],
    [0, 3],
    [0, 1],
  ],
  distances: [
    [1, 2, 6],
    [3, 5],
    [5, 7],
  ],
});
/** By definition, in plain arithmetic. */
const z = (x: number, values: readonly number[]) => {
  const mean = values.reduce((a, b) => a + b) / values.length;
  return (x - mean) / Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
};
const ALL = [1, 2, 6, 3, 5, 5, 7];

describe('by definition', () => {
  it('min-max', async () => {
    expect(lists(await apply(minMax(), rr)).map(({ distances }) => distances)).toEqual([
      [0, Math.fround(0.2), 1],
      [0, 1],
      [0, 1],
    ]);
  });

  it('z-norm takes the statistics of the list', async () => {
    const after = await apply(zNorm(), rr);
    expect([...after.distancesOf(0)]).toEqual([1, 2, 6].map((x) => Math.fround(z(x, [1, 2, 6]))));
    expect([...after.distancesOf(2)]).toEqual([-1, 1]);
  });

  it('t-norm takes those of the item over the queries, of all distances where the item has but one', async () => {
    const after = await apply(tNorm(), rr);
    const expected = [
      [0, z(1, [1, 3, 5])],
      [1, z(2, [2, 7])],
      [2, z(6, ALL)],
    ].sort((a, b) => a[1] - b[1]);
    expect([...after.retrievedIds(0)]).toEqual(expected.map(([row]) => row));
    for (const [i, [, value]] of expected.entries()) expect(after.distancesOf(0)[i]).toBeCloseTo(value, 6);
    // Item 0 stood before 3, and is nearer to query 0 than to this one.
    expect([...after.retrievedIds(1)]).toEqual([0, 3]);
    expect(after.distancesOf(1)[0]).toBeCloseTo(0, 6);
  });

  it('s-norm is the mean of both', async () => {
    const after = await apply(sNorm(), rr);
    const at = [...after.retrievedIds(0)].indexOf(0);
    expect(after.distancesOf(0)[at]).toBeCloseTo((z(1, [1, 2, 6]) + z(1, [1, 3, 5])) / 2, 6);
  });

  it('csls takes the mean of the k nearest on both sides', async () => {
    const after = await apply(csls(2), rr);
    // r: query 0 (1 + 2) / 2; items 0 (1 + 3) / 2, 1 (2 + 7) / 2, 2 its 6.
    expect(lists(after)[0]).toEqual({ ids: [1, 0, 2], distances: [4 - 1.5 - 4.5, 2 - 1.5 - 2, 12 - 1.5 - 6] });
    expect(() => csls(0)).toThrow('csls: k must be a positive integer, not 0');
  });

  it('csls of more neighbours than there are takes those that are there, and no room for the others', async () => {
    const all = await apply(csls(3), rr);
    expect(lists(await apply(csls(1e12), rr))).toEqual(lists(all));
    const queries = Array.from({ length: 50 }, (_, q) => q);
    const many = RetrievalResults.fromLists({ retrieved: queries.map(() => [0]), distances: queries.map((q) => [(q * 7) % 50]) });
    // The mean of 0 to 29, whatever order they came in.
    expect((await apply(csls(30), many)).distancesOf(1)[0]).toBe(7 - 14.5);
  });

  it('csls of cosine distances in whole lists is the published one, negated', async () => {
    const [n, k] = [9, 3];
    const cosine = Array.from({ length: n }, (_, q) => Array.from({ length: n }, (_, i) => Math.cos(q * 1.7 + i * i * 0.9)));
    const order = cosine.map((row) => row.map((_, i) => i).sort((a, b) => row[b] - row[a]));
    const whole = RetrievalResults.fromLists({ retrieved: order, distances: order.map((ids, q) => ids.map((i) => 1 - cosine[q][i])) });
    const after = await apply(csls(k), whole);
    const nearest = (values: readonly number[]) =>
      [...values]
        .sort((a, b) => b - a)
        .slice(0, k)
        .reduce((a, b) => a + b) / k;
    for (let q = 0; q < n; q++) {
      for (const [place, i] of [...after.retrievedIds(q)].entries()) {
        const published = 2 * cosine[q][i] - nearest(cosine[q]) - nearest(cosine.map((row) => row[i]));
        expect(after.distancesOf(q)[place]).toBeCloseTo(-published, 5);
      }
    }
  });

  it('statistics of distances that hardly differ are not lost in rounding', async () => {
    const [low, high] = [1000, 1000 + 2 ** -14];
    const close = RetrievalResults.fromLists({ retrieved: [[4], [4], [4], [4]], distances: [[low], [low], [high], [high]] });
    expect([...(await apply(tNorm(), close)).distances]).toEqual([-1, -1, 1, 1]);
  });
});
