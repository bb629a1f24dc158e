import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { DISTANCES } from '../../src/data/matrix.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { bruteForce } from './support.js';
import { sizes, WORLD_KINDS, worldOf } from './worlds.js';

/** The answer is that of the definition, to the bit, on worlds of every kind. @param numRuns worlds of each kind */
export function exactOnEveryWorld(fastPass: 'int8' | 'float32', numRuns: number): void {
  describe.each(WORLD_KINDS)(`${fastPass}, vectors %s`, (kind) => {
    it.each(DISTANCES)('%s', async (distance) => {
      await fc.assert(
        fc.asyncProperty(sizes, fc.boolean(), fc.boolean(), async ({ seed, rows, queries: count, dim, k }, sharded, own) => {
          const { gallery, queries } = worldOf(kind, seed, rows, count, dim);
          const loaded = await Gallery.load([EmbeddingBatch.fromMatrix(gallery)], {
            shardBytes: sharded ? Math.ceil(rows / 2) * dim * 4 : undefined,
          });
          const searcher = await ExactSearcher.open(loaded, { distance, fastPass, threads: 2 });
          try {
            expect(searcher.exact).toBe(true);
            const self = own ? Int32Array.from({ length: count }, (_, q) => (q * 7) % rows) : undefined;
            const found = await searcher.search(queries, k, { self });
            for (let q = 0; q < count; q++) {
              const vector = queries.data.subarray(q * dim, (q + 1) * dim);
              const expected = bruteForce(gallery, vector, distance, k, (row) => row === self?.[q]);
              const [from, to] = [found.offsets[q], found.offsets[q + 1]];
              expect([...found.ids.subarray(from, to)]).toEqual(expected.map(([, row]) => row));
              expect([...found.distances.subarray(from, to)]).toEqual(expected.map(([d]) => d));
            }
          } finally {
            await searcher.close();
          }
        }),
        { numRuns },
      );
    });
  });
}
