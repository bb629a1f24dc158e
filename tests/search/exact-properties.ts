import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { DISTANCES, type Distance } from '../../src/data/matrix.js';
import { type ExactOptions, ExactSearcher } from '../../src/search/exact.js';
import type { TopK } from '../../src/search/searcher.js';
import { bruteForce } from './support.js';
import { sizes, WORLD_KINDS, type World, worldOf } from './worlds.js';

/** A gallery to open, and what to search in it. */
export interface Task extends World {
  readonly distance: Distance;
  readonly k: number;
  readonly self?: Int32Array;
  readonly shardBytes?: number;
}

export interface Answer extends TopK {
  readonly exact: boolean;
}

/** Opens a gallery in this process, searches it once, and closes it. */
export async function searchHere({ gallery, queries, distance, k, self, shardBytes }: Task, options: ExactOptions): Promise<Answer> {
  const loaded = await Gallery.load([EmbeddingBatch.fromMatrix(gallery)], { shardBytes });
  const searcher = await ExactSearcher.open(loaded, { distance, threads: 2, ...options });
  try {
    return { ...(await searcher.search(queries, k, { self })), exact: searcher.exact };
  } finally {
    await searcher.close();
  }
}

/** The answer is that of the definition, to the bit, on worlds of every kind. @param numRuns worlds of each kind */
export function exactOnEveryWorld(name: string, search: (task: Task) => Promise<Answer>, numRuns: number): void {
  describe.each(WORLD_KINDS)(`${name}, vectors %s`, (kind) => {
    it.each(DISTANCES)('%s', async (distance) => {
      await fc.assert(
        fc.asyncProperty(sizes, fc.boolean(), fc.boolean(), async ({ seed, rows, queries: count, dim, k }, sharded, own) => {
          const world = worldOf(kind, seed, rows, count, dim);
          const self = own ? Int32Array.from({ length: count }, (_, q) => (q * 7) % rows) : undefined;
          const shardBytes = sharded ? Math.ceil(rows / 2) * dim * 4 : undefined;
          const found = await search({ ...world, distance, k, self, shardBytes });
          expect(found.exact).toBe(true);
          for (let q = 0; q < count; q++) {
            const vector = world.queries.data.subarray(q * dim, (q + 1) * dim);
            const expected = bruteForce(world.gallery, vector, distance, k, (row) => row === self?.[q]);
            const [from, to] = [found.offsets[q], found.offsets[q + 1]];
            expect([...found.ids.subarray(from, to)]).toEqual(expected.map(([, row]) => row));
            expect([...found.distances.subarray(from, to)]).toEqual(expected.map(([d]) => d));
          }
        }),
        { numRuns },
      );
    });
  });
}
