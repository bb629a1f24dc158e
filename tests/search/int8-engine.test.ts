import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { DISTANCES } from '../../src/data/matrix.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { bruteForce, grid } from './support.js';

const searches = fc.array(
  fc.record({
    rows: fc.integer({ min: 1, max: 150 }),
    dim: fc.integer({ min: 1, max: 9 }),
    seed: fc.nat(1000),
    distance: fc.constantFrom(...DISTANCES),
    threads: fc.integer({ min: 1, max: 3 }),
    /** Whether the one before is still open when this one searches. */
    overlaps: fc.boolean(),
  }),
  { minLength: 2, maxLength: 6 },
);

describe('threads of int8 lanes', () => {
  it('are lent again, and then answer for their new gallery alone', async () => {
    await fc.assert(
      fc.asyncProperty(searches, async (all) => {
        let before: ExactSearcher | undefined;
        for (const { rows, dim, seed, distance, threads, overlaps } of all) {
          if (!overlaps) await before?.close();
          const gallery = grid(rows, dim, seed);
          const loaded = await Gallery.load([EmbeddingBatch.fromMatrix(gallery)]);
          const searcher = await ExactSearcher.open(loaded, { distance, threads, fastPass: 'int8' });
          await before?.close();
          before = searcher;
          const queries = grid(7, dim, seed + 1);
          const found = await searcher.search(queries, 5);
          for (let q = 0; q < queries.rows; q++) {
            const expected = bruteForce(gallery, queries.data.subarray(q * dim, (q + 1) * dim), distance, 5, () => false);
            expect([...found.ids.subarray(found.offsets[q], found.offsets[q + 1])]).toEqual(expected.map(([, row]) => row));
          }
        }
        await before?.close();
      }),
      { numRuns: 25 },
    );
  });

  it('are not asked by a searcher that was closed, whose answers would be another gallery’s', async () => {
    const [gallery, other] = await Promise.all(
      [grid(100, 4, 1), grid(100, 4, 2)].map((rows) => Gallery.load([EmbeddingBatch.fromMatrix(rows)])),
    );
    const closed = await ExactSearcher.open(gallery, { fastPass: 'int8' });
    await closed.close();
    const open = await ExactSearcher.open(other, { fastPass: 'int8' });
    await expect(closed.search(grid(1, 4, 3), 2)).rejects.toThrow('the searcher was closed');
    await closed.close();
    expect((await open.search(grid(1, 4, 3), 2)).ids).toHaveLength(2);
    await open.close();
  });
});
