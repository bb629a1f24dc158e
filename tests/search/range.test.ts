import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { DISTANCES, type Matrix } from '../../src/data/matrix.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { rangeSearch } from '../../src/search/range.js';
import type { Ignored, TopK } from '../../src/search/searcher.js';
import { bruteForce, grid } from './support.js';
import { sizes, WORLD_KINDS, worldOf } from './worlds.js';

async function opened(matrix: Matrix, distance: (typeof DISTANCES)[number] = 'l2') {
  return ExactSearcher.open(await Gallery.load([EmbeddingBatch.fromMatrix(matrix)]), { distance, threads: 2 });
}

const listOf = ({ offsets, ids, distances }: TopK, q: number) => [
  [...ids.subarray(offsets[q], offsets[q + 1])],
  [...distances.subarray(offsets[q], offsets[q + 1])],
];

describe('range search', () => {
  it.each(DISTANCES)('%s: is brute force on vectors of every kind, at radii that are distances themselves', async (distance) => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...WORLD_KINDS), sizes, fc.double({ min: 0, max: 1, noNaN: true }), async (kind, size, share) => {
        const { gallery, queries } = worldOf(kind, size.seed, size.rows, size.queries, size.dim);
        const searcher = await opened(gallery, distance);
        try {
          const self = Int32Array.from({ length: queries.rows }, (_, q) => (q % 2 === 0 ? q % gallery.rows : -1));
          const expected = Array.from({ length: queries.rows }, (_, q) => {
            const vector = queries.data.subarray(q * size.dim, (q + 1) * size.dim);
            return bruteForce(gallery, vector, distance, gallery.rows, (row) => row === self[q]);
          });
          const all = expected.flatMap((list) => list.map(([d]) => d)).sort((a, b) => a - b);
          const radius = all.length === 0 ? 1 : all[Math.floor(share * (all.length - 1))];
          const found = await searcher.range(queries, radius, { self });
          expected.forEach((list, q) => {
            const within = list.filter(([d]) => d <= radius);
            expect(listOf(found, q)).toEqual([within.map(([, row]) => row), within.map(([d]) => d)]);
          });
        } finally {
          await searcher.close();
        }
      }),
      { numRuns: 12 },
    );
  });

  it('asks again only for the queries whose list may go on', async () => {
    const gallery = grid(5000, 2, 3, 1000);
    const searcher = await opened(gallery);
    const looks: number[] = [];
    const watched = {
      size: searcher.size,
      search(queries: Matrix, k: number, ignored?: Ignored) {
        looks.push(queries.rows);
        return searcher.search(queries, k, ignored);
      },
    };
    // The second query is far from everything.
    const found = await rangeSearch(watched, { data: Float32Array.of(500, 500, -1e6, 0), rows: 2, dim: 2 }, 200);
    await searcher.close();
    expect(looks).toEqual([2, 1, 1]);
    expect(found.offsets[1]).toBeGreaterThan(512);
    expect(found.offsets[2]).toBe(found.offsets[1]);
  });

  it('refuses a radius that is not a number', async () => {
    const searcher = await opened(grid(5, 2, 1));
    await expect(searcher.range(grid(1, 2, 1), Number.NaN)).rejects.toThrow('radius must be a number, not NaN');
    await searcher.close();
  });
});
