import { Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import type { ItemTensors } from '../../src/data/context.js';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { cachedItems } from '../../src/models/cached-items.js';
import { trivialSiamese } from '../../src/models/trivial-siamese.js';

const paths = (values: readonly (string | null)[]) => vectorFromArray(values, new Utf8());

function queriesWith(path: readonly (string | null)[]): RetrievalResults {
  const none = path.map(() => []);
  return RetrievalResults.fromLists({ retrieved: none, distances: none, columns: { path: paths(path) }, firstRow: 30 });
}

describe('cachedItems', () => {
  /** Items of 4 bytes that count their loads. */
  function numbers(): { items: ItemTensors; loaded: string[] } {
    const loaded: string[] = [];
    const load = async (what: string, value: number) => {
      loaded.push(`${what} ${value}`);
      return Float32Array.of(value);
    };
    return {
      loaded,
      items: { shape: [1], query: (rr, position) => load('query', rr.rows[position]), gallery: (row) => load('gallery', row) },
    };
  }

  it('loads an item once, also while it is being loaded, and tells queries and gallery apart', async () => {
    const { items, loaded } = numbers();
    const cached = cachedItems(items);
    const rr = queriesWith(['a', 'b']);
    const [a, again] = await Promise.all([cached.gallery(31), cached.gallery(31)]);
    expect([...a, ...again, ...(await cached.query(rr, 1)), ...(await cached.query(rr.slice(1, 2), 0))]).toEqual([31, 31, 31, 31]);
    expect(loaded).toEqual(['gallery 31', 'query 31']);
  });

  it('forgets those that were not asked for the longest, so that its memory is bounded', async () => {
    const { items, loaded } = numbers();
    const cached = cachedItems(items, 2 * 2 * 4);
    for (const row of [0, 1, 0, 2, 0, 1]) await cached.gallery(row);
    expect(loaded).toEqual(['gallery 0', 'gallery 1', 'gallery 2', 'gallery 1']);
  });
});

describe('trivialSiamese', () => {
  const matrix = (...rows: number[][]) => ({ data: Float32Array.from(rows.flat()), rows: rows.length, dim: rows[0].length });
  const queries = EmbeddingBatch.fromMatrix(matrix([0, 0], [1, 2]));
  const lists = { retrieved: [[0, 1], [1]], distances: [[0, 1], [0]] };
  const rr = RetrievalResults.trusted({ ...RetrievalResults.fromLists(lists), queries });
  const pairs = { rr, queries: Int32Array.of(0, 0, 1), rows: Int32Array.of(0, 1, 1) };
  const distances = async (model = trivialSiamese()) => [
    ...Array.from(await model.distances(pairs, { gallery: await Gallery.load([EmbeddingBatch.fromMatrix(matrix([3, 4], [1, -2]))]) })),
  ];

  it('is the L2 distance', async () => {
    expect(await distances()).toEqual([5, Math.fround(Math.sqrt(5)), 4]);
  });

  it('plus a bias, of vectors that a matrix projects', async () => {
    expect(await distances(trivialSiamese({ bias: 10, weight: matrix([2, 0], [0, 1], [0, 0]) }))).toEqual(
      [Math.sqrt(52), Math.sqrt(8), 4].map((distance) => Math.fround(distance + 10)),
    );
    await expect(distances(trivialSiamese({ weight: matrix([1, 2, 3]) }))).rejects.toThrow(
      'linear-trivial-siamese: a weight for vectors of dimension 3 does not fit those of dimension 2',
    );
  });
});
