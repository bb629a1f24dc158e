import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { mmr } from '../../src/postprocess/mmr.js';
import { judgedResults } from '../support/arbitraries.js';
import { embeddingTable, random } from '../support/tables.js';
import { applyInParts, expectValid, galleryOf, lists } from './support.js';

const next = random(5);
const vectors = Array.from({ length: 31 }, (_, row) => (row === 9 ? [0, 0, 0] : [next() - 0.5, next() - 0.5, next() - 0.5]));
const gallery = await galleryOf(embeddingTable(vectors));
const lambdas = fc.constantFrom(0, 0.3, 0.5, 0.9);

/** The definition, every value computed anew. */
function naive(ids: readonly number[], distances: readonly number[], lambda: number): number[] {
  const cosine = (a: number, b: number) => {
    const dot = (i: number, j: number) => vectors[i].reduce((sum, x, c) => sum + Math.fround(x) * Math.fround(vectors[j][c]), 0);
    return dot(a, b) / (Math.sqrt(dot(a, a) * dot(b, b)) || 1);
  };
  const [least, most] = [distances[0], distances[distances.length - 1]];
  const relevance = new Map(ids.map((row, i) => [row, most > least ? 1 - (distances[i] - least) / (most - least) : 1]));
  const taken: number[] = [];
  while (taken.length < ids.length) {
    const values = ids
      .filter((row) => !taken.includes(row))
      .map((row) => {
        const alike = taken.length === 0 ? 0 : Math.max(...taken.map((other) => cosine(row, other)));
        return { row, value: lambda * (relevance.get(row) as number) - (1 - lambda) * alike };
      });
    taken.push(values.reduce((best, one) => (one.value > best.value + 1e-12 ? one : best)).row);
  }
  return taken;
}

describe('mmr', () => {
  it('orders by its definition', () =>
    fc.assert(
      fc.asyncProperty(judgedResults, lambdas, async (rr, lambda) => {
        const after = await mmr({ lambda, topN: 12 }).process(rr, { gallery });
        for (const [q, { ids, distances }] of lists(rr).entries())
          expect([...after.retrievedIds(q)]).toEqual(naive(ids, distances, lambda));
      }),
      { numRuns: 50 },
    ));

  it('puts what is like the first behind what is not', async () => {
    const three = await galleryOf(
      embeddingTable([
        [1, 0],
        [1, 0.01],
        [0, 1],
      ]),
    );
    const rr = RetrievalResults.fromLists({ retrieved: [[0, 1, 2]], distances: [[0.1, 0.2, 0.5]] });
    expect(lists(await mmr().process(rr, { gallery: three }))).toEqual([{ ids: [0, 2, 1], distances: [0.1, 0.2, 0.5].map(Math.fround) }]);
  });

  it('gives valid results, keeps the rest and the distances at their places, and does not depend on batches', () =>
    fc.assert(
      fc.asyncProperty(judgedResults, lambdas, fc.integer({ min: 2, max: 14 }), async (rr, lambda, topN) => {
        const step = mmr({ lambda, topN });
        const after = await step.process(rr, { gallery });
        expectValid(after, rr, expect);
        expect(after.distances).toEqual(rr.distances);
        for (let q = 0; q < rr.length; q++) {
          expect([...after.retrievedIds(q).subarray(topN)]).toEqual([...rr.retrievedIds(q).subarray(topN)]);
        }
        const parts = Array.from({ length: rr.length }, (_, q) => rr.slice(q, q + 1));
        expect((await applyInParts(step, parts, { gallery })).equals(after)).toBe(true);
      }),
    ));

  it('changes nothing with lambda 1', () =>
    fc.assert(
      fc.asyncProperty(judgedResults, async (rr) => {
        expect((await mmr({ lambda: 1 }).process(rr, { gallery })).equals(rr)).toBe(true);
      }),
    ));

  it('refuses what cannot be', () => {
    expect(() => mmr({ lambda: 1.1 })).toThrow('lambda must lie between 0 and 1, not 1.1');
    expect(() => mmr({ topN: 1 })).toThrow('topN must be an integer of at least 2, not 1');
    const rr = RetrievalResults.fromLists({ retrieved: [[1]], distances: [[1]] });
    expect(() => mmr().process(rr, {})).toThrow('mmr compares the vectors of the gallery');
  });
});
