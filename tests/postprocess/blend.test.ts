import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { postprocess, pump } from '../../operators/index.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { blend } from '../../src/postprocess/blend.js';
import { cut, cuts, judgedResults } from '../support/arbitraries.js';
import { applyInParts, lists } from './support.js';

/** The same queries with other lists. */
const otherOf = (rr: RetrievalResults) =>
  RetrievalResults.trusted({ ...rr, ids: rr.ids.map((row) => 30 - row), gains: rr.gains?.map((gain, i) => (rr.ids[i] % 2 ? gain : 0)) });
/** As a file is read: batch by batch, as often as it is asked for. */
const stream = (parts: readonly RetrievalResults[]): AsyncIterable<RetrievalResults> => ({
  async *[Symbol.asyncIterator]() {
    yield* parts;
  },
});
const weights = fc.constantFrom(0, 0.25, 0.5, 1);

describe('blend', () => {
  const a = RetrievalResults.fromLists({ retrieved: [[0, 1, 2], [5]], distances: [[0, 1, 4], [9]], info: { gallerySize: 6, k: 3 } });
  const b = RetrievalResults.fromLists({ retrieved: [[3, 2], [4]], distances: [[10, 20], [1]], info: { gallerySize: 6 } });

  it('adds the normalised scores by their weights, and keeps the length', async () => {
    const after = await blend(stream([b]), { weight: 0.5 }).process(a, {});
    // Own scores 1, 0.75, 0; the others' 1 for item 3 and 0 for item 2.
    expect(lists(after)).toEqual([
      { ids: [0, 3, 1], distances: [-0.5, -0.5, -0.375] },
      { ids: [5], distances: [0] },
    ]);
    expect(after.info).toEqual({ gallerySize: 6, k: 3, distance: 'score' });
  });

  it('leaves the order as it is with weight 0', () =>
    fc.assert(
      fc.asyncProperty(judgedResults, async (rr) => {
        const after = await blend(stream([otherOf(rr)]), { weight: 0 }).process(rr, {});
        expect([...after.ids]).toEqual([...rr.ids]);
        expect([...after.offsets]).toEqual([...rr.offsets]);
      }),
    ));

  it('gives valid results whatever the batches on both sides, and again when it is used again', () =>
    fc.assert(
      fc.asyncProperty(
        judgedResults.chain((rr) => fc.tuple(fc.constant(rr), cuts(rr.length), cuts(rr.length))),
        weights,
        async ([rr, own, others], weight) => {
          const step = blend(stream(cut(otherOf(rr), others)), { weight });
          const whole = await step.process(rr, {});
          RetrievalResults.checked(whole);
          expect(whole.numRelevant).toEqual(rr.numRelevant);
          expect((await applyInParts(step, cut(rr, own))).equals(whole)).toBe(true);
          const some = Array.from({ length: rr.length }, (_, q) => q).filter((q) => q % 3 !== 1);
          expect((await step.process(rr.pick(some), {})).equals(whole.pick(some))).toBe(true);
        },
      ),
      { numRuns: 50 },
    ));

  it('is a stage, though batches are worked on at the same time', async () => {
    const parts = Array.from({ length: 20 }, (_, q) =>
      RetrievalResults.fromLists({ retrieved: [[q, 30]], distances: [[0, 1]], firstRow: q }),
    );
    const out: number[][] = [];
    for await (const rr of pump(parts, {}, postprocess(blend(stream(parts), { weight: 0.3 })))) out.push([...rr.rows, ...rr.ids]);
    expect(out).toEqual(parts.map((_, q) => [q, q, 30]));
  });

  it('refuses other queries, galleries, weights', async () => {
    const later = RetrievalResults.fromLists({ retrieved: [[1]], distances: [[1]], firstRow: 7 });
    await expect(blend(stream([b]), { weight: 0.5, name: 'b.arrow' }).process(later, {})).rejects.toThrow('b.arrow: query 7 is not there');
    const larger = RetrievalResults.fromLists({ ...{ retrieved: [[1], [2]], distances: [[1], [2]] }, info: { gallerySize: 7 } });
    await expect(blend(stream([larger]), { weight: 0.5 }).process(a, {})).rejects.toThrow('galleries of 6 and of 7 items');
    expect(() => blend(stream([]), { weight: 1.5 })).toThrow('weight must lie between 0 and 1, not 1.5');
    expect(() => blend(stream([]), { weight: 0.5, normalise: 'minmax' })).toThrow('did you mean "min-max"?');
  });
});
