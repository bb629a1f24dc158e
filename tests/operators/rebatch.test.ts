import { Int32, Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inQueryBlocks, pump, rebatch, search, stage } from '../../operators/index.js';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { BlockedSearcher } from '../../src/search/blocked.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { collect } from '../io/support.js';
import { cut, cuts } from '../support/arbitraries.js';

const ROWS = 40;
const items = EmbeddingBatch.fromMatrix(
  { data: Float32Array.from({ length: ROWS * 2 }, (_, i) => Math.sin(i * i)), rows: ROWS, dim: 2 },
  {
    label: vectorFromArray(
      Array.from({ length: ROWS }, (_, i) => i % 4),
      new Int32(),
    ),
    name: vectorFromArray(
      Array.from({ length: ROWS }, (_, i) => (i % 7 ? `item ${i}` : null)),
      new Utf8(),
    ),
  },
).withSelf(Int32Array.from({ length: ROWS }, (_, row) => row));

const isSame = (batch: EmbeddingBatch, other: EmbeddingBatch) => {
  expect([...batch.data]).toEqual([...other.data]);
  expect([batch.rows, batch.firstRow, batch.source]).toEqual([other.rows, other.firstRow, other.source]);
  expect([...(batch.self ?? [])]).toEqual([...(other.self ?? [])]);
  for (const name of ['label', 'name']) expect([...batch.columns[name]]).toEqual([...other.columns[name]]);
};

describe('rebatch', () => {
  it('gives the same rows in batches as large as whole ones allow', () =>
    fc.assert(
      fc.asyncProperty(cuts(ROWS), fc.integer({ min: 1, max: 50 }), async (sizes, rows) => {
        const told: number[][] = [];
        const batches = await collect(rebatch(cut<EmbeddingBatch>(items, sizes), rows, (parts) => told.push([...parts])));
        let start = 0;
        for (const [i, batch] of batches.entries()) {
          isSame(batch, items.slice(start, start + batch.rows));
          start += batch.rows;
          expect(batch.rows).toBeLessThanOrEqual(rows);
          expect(told[i].reduce((sum, size) => sum + size, 0)).toBe(batch.rows);
          // The next batch would not have fitted.
          if (i + 1 < batches.length) expect(batch.rows + told[i + 1][0]).toBeGreaterThan(rows);
        }
        expect(start).toBe(ROWS);
        expect(told.flat()).toEqual(sizes.flatMap((size) => cutUp(size, rows)));
      }),
    ));

  it('keeps an empty batch, asks for no more than it needs, and closes its source', async () => {
    let [given, closed] = [0, false];
    async function* source() {
      try {
        for (let start = 0; start < ROWS; start += 4) {
          given++;
          yield items.slice(start, start + 4);
        }
      } finally {
        closed = true;
      }
    }
    for await (const batch of rebatch(source(), 8)) {
      expect(batch.rows).toBe(8);
      break;
    }
    expect(given).toBe(3);
    expect(closed).toBe(true);
    expect((await collect(rebatch([items.slice(0, 0)], 8))).map(({ rows }) => rows)).toEqual([0]);
    await expect(collect(rebatch([items], 0))).rejects.toThrow('rows of a batch must be a positive integer, not 0');
  });

  it('refuses batches that do not fit together', async () => {
    const flat = EmbeddingBatch.fromMatrix({ data: new Float32Array(3), rows: 1, dim: 3 }, {}, { source: 'flat', firstRow: 0 });
    await expect(collect(rebatch([items.slice(0, 1), flat], 8))).rejects.toThrow('flat: dimension 3, but 2 before');
  });
});

describe('inQueryBlocks', () => {
  it('gives what each batch gives by itself, with one block at a time in the search', async () => {
    const gallery = await Gallery.load([items]);
    const resident = await ExactSearcher.open(gallery, { threads: 1 });
    const source = {
      [Symbol.asyncIterator]: async function* () {
        yield* cut<EmbeddingBatch>(items, [13, 27]);
      },
    };
    const blocked = new BlockedSearcher(gallery, source, { blockRows: 17, threads: 1 });
    const batches = cut<EmbeddingBatch>(items, [5, 1, 20, 2, 12]);
    const expected = await collect(pump(batches, {}, search(gallery, { k: 7, searcher: resident })));
    const found = await collect(inQueryBlocks(batches, search(gallery, { k: 7, searcher: blocked }), { rows: 26 }));
    expect(found.map((rr) => rr.length)).toEqual([5, 1, 20, 2, 12]);
    for (const [i, rr] of found.entries()) {
      expect(rr.equals(expected[i])).toBe(true);
      isSame(rr.queries as EmbeddingBatch, batches[i]);
    }
    await Promise.all([resident.close(), blocked.close()]);
  });

  it('holds one block at a time, and closes its source', async () => {
    let [given, closed, busy] = [0, false, 0];
    async function* source() {
      try {
        for (let row = 0; row < ROWS; row++) {
          given++;
          yield items.slice(row, row + 1);
        }
      } finally {
        closed = true;
      }
    }
    const empty = stage('search', async (batch: EmbeddingBatch) => {
      expect(++busy).toBe(1);
      await new Promise(setImmediate);
      busy--;
      return RetrievalResults.fromLists({ retrieved: Array(batch.rows).fill([]), distances: Array(batch.rows).fill([]) });
    });
    let taken = 0;
    for await (const rr of inQueryBlocks(source(), empty, { rows: 5 })) {
      expect(rr.length).toBe(1);
      if (++taken === 7) break;
    }
    // Two blocks, and the query that did not fit the second.
    expect(given).toBe(11);
    expect(closed).toBe(true);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const never = stage('search', () => new Promise<RetrievalResults>(() => {}));
    const running = collect(inQueryBlocks([items], never, { rows: 50, signal: stop.signal }));
    stop.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });
});

function cutUp(size: number, rows: number): number[] {
  return Array.from({ length: Math.ceil(size / rows) }, (_, i) => Math.min(rows, size - i * rows));
}
