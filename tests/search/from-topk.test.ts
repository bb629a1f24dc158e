import { Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { queryRows } from '../../src/data/split.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { fromTopK } from '../../src/search/from-topk.js';
import { retrieve } from '../../src/search/retrieve.js';
import { clusters } from '../support/tables.js';

const { vectors, label } = clusters(40, 4, 3);
const text = (values: readonly (string | null)[]) => vectorFromArray(values, new Utf8());
const table = EmbeddingBatch.fromMatrix(
  { data: Float32Array.from(vectors.flat()), rows: 40, dim: 3 },
  {
    id: text(label.map((_, row) => `sku-${row}`)),
    label: text(label.map((l) => `product ${l}`)),
    category: text(label.map((l) => (l % 2 ? 'odd' : 'even'))),
    sequence: text(label.map((_, row) => (row < 30 ? null : `video ${row % 3}`))),
  },
);

async function sets() {
  const gallery = await Gallery.load([table]);
  async function* once() {
    yield table;
  }
  const { value: queries } = await queryRows(once()).next();
  if (!queries) throw new Error('the table has queries');
  return { gallery, queries };
}

describe('fromTopK', () => {
  it('makes of the answers of an index what a search would have made', async () => {
    const { gallery, queries } = await sets();
    const searcher = await ExactSearcher.open(gallery);
    const expected = await retrieve(searcher, gallery, queries, 5);
    // As an index answers that knows nothing of sequences and of the query's own item.
    const { offsets, ids, distances } = await searcher.search(queries, 40);
    await searcher.close();
    expect(offsets[40]).toBe(1600);

    const rr = fromTopK(ids, distances, { gallery, queries, k: 5, distance: 'l2', device: 'cpu' });
    expect(rr.equals(expected)).toBe(true);

    const big = BigInt64Array.from(ids, BigInt);
    const squared = Float64Array.from(distances, (d) => d * d);
    const lists = Array.from({ length: 40 }, (_, q) => [...ids.subarray(q * 40, (q + 1) * 40)].map((row) => `sku-${row}`));
    const nested = Array.from({ length: 40 }, (_, q) => squared.subarray(q * 40, (q + 1) * 40));
    expect(fromTopK(big, squared, { gallery, queries, k: 5, values: 'squared', distance: 'l2', device: 'cpu' }).equals(expected)).toBe(
      true,
    );
    expect(fromTopK(lists, nested, { gallery, queries, k: 5, values: 'squared', distance: 'l2', device: 'cpu' }).equals(expected)).toBe(
      true,
    );
  });

  it('takes scores, and keeps the order of the index among equal ones', () => {
    const rr = fromTopK([[7, 3, 5], [2]], [[0.9, 0.5, 0.5], [0]], { values: 'scores', relevant: [[5, 6], []] });
    expect([...rr.ids]).toEqual([7, 3, 5, 2]);
    expect([...rr.distances]).toEqual([-0.9, -0.5, -0.5, 0].map(Math.fround));
    expect(rr.info.distance).toBe('score');
    expect([...(rr.gains ?? [])]).toEqual([0, 0, 1, 0]);
    expect([...(rr.numRelevant ?? [])]).toEqual([2, 0]);
  });

  it('ends a list where FAISS pads it', () => {
    const rr = fromTopK(BigInt64Array.of(4n, 2n, -1n, 9n, -1n, -1n), Float32Array.of(1, 2, 3e38, 0, 3e38, 3e38), { width: 3 });
    expect([...rr.offsets]).toEqual([0, 2, 3]);
    expect([...rr.ids]).toEqual([4, 2, 9]);
    expect(rr.numRelevant).toBeUndefined();
  });

  it('keeps the relevant rows when asked to', async () => {
    const { gallery, queries } = await sets();
    const lists = Array.from({ length: 40 }, () => [] as number[]);
    const rr = fromTopK(lists, lists, { gallery, queries, keepRelevant: true });
    expect(rr.relevant?.values.length).toBe(rr.numRelevant?.reduce((sum, n) => sum + n, 0));
  });

  it('names what is wrong', async () => {
    const { gallery, queries } = await sets();
    expect(() => fromTopK([[1, 2]], [[0.9, 0.5]])).toThrow(
      'fromTopK, query 0: distances must not decrease (0.8999999761581421 before 0.5)',
    );
    expect(() => fromTopK([[1], [4, 4]], [[0], [0, 1]])).toThrow('fromTopK, query 1: gallery item 4 is retrieved twice');
    expect(() => fromTopK([[1]], [[0], [1]])).toThrow('ids of 1 queries, distances of 2');
    expect(() => fromTopK([[1, 2]], [[0]])).toThrow('fromTopK, query 0: 2 ids, but 1 distances');
    expect(() => fromTopK(['a'], [[0]] as never)).toThrow('fromTopK, query 0: the text "a" can only be found in a gallery with ids');
    expect(() => fromTopK([['a']], [[0]], { gallery })).toThrow('fromTopK, query 0: id "a" is not in the gallery');
    expect(() => fromTopK([[1.5]], [[0]])).toThrow('fromTopK, query 0: 1.5 is no gallery row');
    expect(() => fromTopK([[40]], [[0]], { gallery })).toThrow('retrieved item 40 is outside the gallery of 40');
    expect(() => fromTopK([[1]], [[Number.NaN]])).toThrow('fromTopK, query 0: NaN is no distance');
    expect(() => fromTopK([[1]], [[0]], { queries })).toThrow('queries need their gallery');
    expect(() => fromTopK([[1]], [[0]], { queries, gallery })).toThrow('results of 1 queries, but 40 queries');
    expect(() => fromTopK(Int32Array.of(1, 2), Float32Array.of(0, 1))).toThrow('ids in one array need width');
    expect(() => fromTopK(Int32Array.of(1, 2, 3), Float32Array.of(0, 1, 2), { width: 2 })).toThrow('3 ids do not make rows of 2');
    expect(() => fromTopK([[1]], [[0]], { relevant: [[1], [2]] })).toThrow('relevance of 2 queries given for 1');
  });
});
