import { Int32, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { expect } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { DISTANCES, type Matrix } from '../../src/data/matrix.js';
import { BlockedSearcher } from '../../src/search/blocked.js';
import { ExactSearcher } from '../../src/search/exact.js';
import type { TopK } from '../../src/search/searcher.js';
import { sizes, WORLD_KINDS, worldOf } from './worlds.js';

/** Rows of a matrix as a source that can be read again and again, in batches of `rows`. */
export function batchesOf(matrix: Matrix, rows: number, columns = {}): AsyncIterable<EmbeddingBatch> {
  const whole = EmbeddingBatch.fromMatrix(matrix, columns);
  return {
    async *[Symbol.asyncIterator]() {
      for (let start = 0; start < whole.rows; start += rows) yield whole.slice(start, Math.min(whole.rows, start + rows));
    },
  };
}

export function bytesOf({ offsets, ids, distances }: TopK): string {
  return [offsets, ids, distances]
    .map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength).toString('hex'))
    .join();
}

/** Whatever the blocks, the batches and what is ignored: the bytes of the resident search. */
export async function blockedIsResident(numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.constantFrom(...WORLD_KINDS),
      fc.constantFrom(...DISTANCES),
      fc.record({
        blocks: fc.integer({ min: 1, max: 5 }),
        batch: fc.integer({ min: 1, max: 700 }),
        self: fc.boolean(),
        sequence: fc.boolean(),
      }),
      async ({ seed, rows, queries: count, dim, k }, kind, distance, { blocks, batch, self, sequence }) => {
        const { gallery, queries } = worldOf(kind, seed, rows, count, dim);
        const items = await Gallery.load(batchesOf(gallery, batch, sequence ? { sequence: sequenceColumn(rows) } : {}));
        const ignored = {
          self: self ? Int32Array.from({ length: count }, (_, q) => ((q * 7) % (rows + 1)) - 1) : undefined,
          sequence: items.sequences && Int32Array.from({ length: count }, (_, q) => items.sequences!.code(q % 4)),
        };
        const resident = await ExactSearcher.open(items, { distance, threads: 1 });
        const blocked = new BlockedSearcher(items, batchesOf(gallery, batch), {
          distance,
          threads: 1,
          blockRows: Math.ceil(rows / blocks),
        });
        try {
          expect(bytesOf(await blocked.search(queries, k, ignored))).toBe(bytesOf(await resident.search(queries, k, ignored)));
        } finally {
          await Promise.all([resident.close(), blocked.close()]);
        }
      },
    ),
    { numRuns },
  );
}

function sequenceColumn(rows: number) {
  return vectorFromArray(
    Array.from({ length: rows }, (_, row) => (row % 5 === 4 ? null : row % 5)),
    new Int32(),
  );
}
