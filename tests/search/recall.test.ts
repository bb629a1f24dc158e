import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { packLists } from '../../src/data/lists.js';
import type { Matrix } from '../../src/data/matrix.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { HnswSearcher } from '../../src/search/hnsw.js';
import { recallOf } from '../../src/search/recall.js';
import { sampled } from '../../src/search/sampled.js';
import type { TopK } from '../../src/search/searcher.js';
import { worldOf } from './worlds.js';

function topK(lists: readonly number[][]): TopK {
  const { offsets, values: ids } = packLists(lists, Int32Array);
  return { offsets, ids, distances: new Float32Array(ids.length), retried: 0 };
}

const list = fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { maxLength: 10 });

describe('recallOf', () => {
  it('is the mean share of the true items that were found', () => {
    expect(recallOf(topK([[3, 1], [9]]), topK([[1, 2], [9]]))).toBe(0.75);
    expect(recallOf(topK([[], [1]]), topK([[], [2]]))).toBe(0.5);
    fc.assert(
      fc.property(fc.array(fc.tuple(list, list), { minLength: 1 }), (pairs) => {
        const [found, truth] = [topK(pairs.map(([a]) => a)), topK(pairs.map(([, b]) => b))];
        const expected = pairs.map(([a, b]) => (b.length === 0 ? 1 : b.filter((row) => a.includes(row)).length / b.length));
        expect(recallOf(found, truth)).toBeCloseTo(expected.reduce((sum, value) => sum + value, 0) / pairs.length, 12);
        expect(recallOf(truth, truth)).toBe(1);
      }),
    );
  });

  it('refuses other queries, and none', () => {
    expect(() => recallOf(topK([[1]]), topK([[1], [2]]))).toThrow('the same queries on both sides, not 1 and 2');
    expect(() => recallOf(topK([]), topK([]))).toThrow('there are none');
  });
});

describe('sampled', () => {
  const { gallery: vectors, queries } = worldOf('scattered', 5, 800, 300, 8);
  const part = (from: number, to: number): Matrix => ({ data: queries.data.subarray(from * 8, to * 8), rows: to - from, dim: 8 });

  it('measures the recall of all queries, or of a sample that does not depend on the batches', async () => {
    const gallery = await Gallery.load([EmbeddingBatch.fromMatrix(vectors)]);
    const [engine, truth] = [await HnswSearcher.build(gallery, { m: 4, efConstruction: 10, ef: 1 }), await ExactSearcher.open(gallery)];
    const self = Int32Array.from({ length: 300 }, (_, q) => q);
    const recall = recallOf(await engine.search(queries, 10, { self }), await truth.search(queries, 10, { self }));
    expect(recall).toBeLessThan(0.99);

    const all = sampled(engine);
    expect(await all.recall(truth)).toBeUndefined();
    await Promise.all([
      all.search(part(0, 120), 10, { self: self.subarray(0, 120) }),
      all.search(part(120, 300), 10, { self: self.subarray(120) }),
    ]);
    const measured = await all.recall(truth);
    expect(measured?.queries).toBe(300);
    expect(measured?.recall).toBeCloseTo(recall, 12);

    const some = async (cuts: number[], seed?: number) => {
      const searcher = sampled(engine, 40, seed);
      for (const [i, from] of cuts.entries()) await searcher.search(part(from, cuts[i + 1] ?? 300), 10);
      return searcher.recall(truth);
    };
    const sample = await some([0]);
    expect(sample?.queries).toBe(40);
    expect(await some([0, 1, 77, 200])).toEqual(sample);
    expect(await some([0], 2)).not.toEqual(sample);
    await Promise.all([engine.close(), truth.close()]);
  });
});
