import { afterAll, describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { readGalleryItems } from '../../src/data/gallery-items.js';
import type { Matrix } from '../../src/data/matrix.js';
import { BlockedSearcher } from '../../src/search/blocked.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { batchesOf, blockedIsResident, bytesOf } from './blocked-properties.js';
import { grid } from './support.js';

const open: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(open.map((searcher) => searcher.close())));

async function bothOf(matrix: Matrix, blockRows: number, distance: 'l2' | 'ip' = 'l2') {
  const resident = await ExactSearcher.open(await Gallery.load([EmbeddingBatch.fromMatrix(matrix)]), { distance, threads: 1 });
  const batches = batchesOf(matrix, 7);
  const blocked = new BlockedSearcher(await readGalleryItems(batches), batches, { distance, threads: 1, blockRows });
  open.push(resident, blocked);
  return { resident, blocked };
}

describe('BlockedSearcher', () => {
  it('gives the bytes of the resident search on worlds of every kind', () => blockedIsResident(4));

  it('names copies on both sides of a border in the order of rows', async () => {
    const { resident, blocked } = await bothOf(grid(40, 1, 3), 9);
    const query = grid(3, 1, 8);
    const found = await blocked.search(query, 40);
    expect(bytesOf(found)).toBe(bytesOf(await resident.search(query, 40)));
    expect(new Set(found.distances).size).toBeLessThanOrEqual(3 * 3);
  });

  it('answers calls that overlap in their order, and none for no queries', async () => {
    const { resident, blocked } = await bothOf(grid(30, 3, 1), 11);
    const queries = grid(6, 3, 2);
    const part = (from: number, to: number) => ({ data: queries.data.subarray(from * 3, to * 3), rows: to - from, dim: 3 });
    const parts = await Promise.all([blocked.search(part(0, 2), 4), blocked.search(part(2, 6), 4), blocked.search(part(6, 6), 4)]);
    const whole = await resident.search(queries, 4);
    expect(parts.flatMap(({ ids }) => [...ids])).toEqual([...whole.ids]);
    expect(parts.flatMap(({ distances }) => [...distances])).toEqual([...whole.distances]);
    expect([...parts[2].offsets]).toEqual([0]);
  });

  it('minds distances beyond float32 only where they are among the results', async () => {
    const gallery = { data: Float32Array.from([1, 0, 3, 0, 2e20, 0, -2e20, 0, 2, 0]), rows: 5, dim: 2 };
    const { resident, blocked } = await bothOf(gallery, 2, 'ip');
    const query = { data: Float32Array.from([1e19, 0, 2e19, 0]), rows: 2, dim: 2 };
    const fits = { ...query, data: query.data.subarray(0, 2), rows: 1 };
    // The row that is farthest overflows; the block that it is in has no better.
    expect(bytesOf(await blocked.search({ ...fits, data: Float32Array.from([-1, 0]) }, 2))).toBe(
      bytesOf(await resident.search({ ...fits, data: Float32Array.from([-1, 0]) }, 2)),
    );
    const message = 'query 1 and gallery row 2: their ip distance is beyond float32';
    await expect(resident.search({ ...query, data: Float32Array.from([1, 0, 2e19, 0]) }, 2)).rejects.toThrow(message);
    await expect(blocked.search({ ...query, data: Float32Array.from([1, 0, 2e19, 0]) }, 2)).rejects.toThrow(message);
  });

  it('keeps from a distance beyond float32 what is nearer in other blocks', async () => {
    const gallery = { data: Float32Array.from([-2e20, -3e20, 5, 4]), rows: 4, dim: 1 };
    const { resident, blocked } = await bothOf(gallery, 2, 'ip');
    const query = { data: Float32Array.from([1e19]), rows: 1, dim: 1 };
    const found = await blocked.search(query, 2);
    expect([...found.ids]).toEqual([2, 3]);
    expect(bytesOf(found)).toBe(bytesOf(await resident.search(query, 2)));
  });

  it('refuses k = 0, a wrong dimension, and a gallery that is no longer the same', async () => {
    const matrix = grid(10, 2, 1);
    const items = await readGalleryItems(batchesOf(matrix, 4));
    const blocked = new BlockedSearcher(items, batchesOf(grid(9, 2, 1), 4), { blockRows: 4, threads: 1 });
    open.push(blocked);
    expect((await blocked.search(grid(0, 2, 2), 3)).retried).toBe(0);
    await expect(blocked.search(grid(1, 2, 2), 0)).rejects.toThrow('k must be a positive integer, not 0');
    await expect(blocked.search(grid(1, 3, 2), 1)).rejects.toThrow('dimension 3');
    await expect(blocked.search(grid(1, 2, 2), 1)).rejects.toThrow(
      'the gallery had 10 rows and now has 9; it changed while it was searched',
    );
    expect(() => new BlockedSearcher(items, batchesOf(matrix, 4), { blockRows: 0 })).toThrow('blockRows must be a positive integer, not 0');
  });

  it('closes its source when a block fails, and stops when it is closed', async () => {
    let [reading, read] = [0, 0];
    const matrix = grid(40, 2, 1);
    const source = {
      async *[Symbol.asyncIterator]() {
        reading++;
        try {
          for await (const batch of batchesOf(matrix, 4)) {
            read++;
            yield batch;
          }
        } finally {
          reading--;
        }
      },
    };
    const items = await readGalleryItems(source);
    const blocked = new BlockedSearcher(items, source, { blockRows: 4, threads: 1 });
    await expect(blocked.search(grid(1, 3, 2), 1)).rejects.toThrow('dimension 3');
    expect(reading).toBe(0);
    read = 0;
    const running = blocked.search(grid(1, 2, 2), 1);
    const closed = blocked.close();
    await expect(running).rejects.toThrow('the searcher was closed');
    await closed;
    expect(reading).toBe(0);
    expect(read).toBeLessThan(10);
  });
});

describe('a resident searcher', () => {
  it('answers single queries without opening anything again', async () => {
    const matrix = grid(3000, 16, 4, 1000);
    const searcher = await ExactSearcher.open(await Gallery.load([EmbeddingBatch.fromMatrix(matrix)]), { threads: 2 });
    open.push(searcher);
    const whole = await searcher.search({ data: matrix.data.subarray(0, 50 * 16), rows: 50, dim: 16 }, 10);
    let threads = 0;
    const count = () => threads++;
    process.on('worker', count);
    try {
      for (let q = 0; q < 50; q++) {
        const found = await searcher.search({ data: matrix.data.subarray(q * 16, (q + 1) * 16), rows: 1, dim: 16 }, 10);
        expect([...found.ids]).toEqual([...whole.ids.subarray(q * 10, (q + 1) * 10)]);
        expect([...found.distances]).toEqual([...whole.distances.subarray(q * 10, (q + 1) * 10)]);
      }
      expect(threads).toBe(0);
      // The counter counts: another searcher starts threads.
      open.push(await ExactSearcher.open(await Gallery.load([EmbeddingBatch.fromMatrix(matrix)]), { threads: 2 }));
      expect(threads).toBeGreaterThan(0);
    } finally {
      process.off('worker', count);
    }
  });
});
