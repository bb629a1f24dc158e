import { Int32, Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { readGalleryItems } from '../../src/data/gallery-items.js';
import { galleryRows, queryRows, sameIds } from '../../src/data/split.js';
import { collect, refusal } from '../io/support.js';
import { cut, cuts } from '../support/arbitraries.js';

const DIM = 3;

function table(rows: number, columns: Record<string, unknown[]> = {}): EmbeddingBatch {
  const data = Float32Array.from({ length: rows * DIM }, (_, i) => i / 4);
  const arrow = Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, vectorFromArray(values)]));
  return EmbeddingBatch.fromMatrix({ data, rows, dim: DIM }, arrow, { source: 'table', firstRow: 0 });
}

async function* streamed<T>(items: readonly T[]) {
  yield* items;
}

describe('Gallery', () => {
  it('is the same whatever its batches and shards', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }).chain((rows) => fc.tuple(fc.constant(rows), cuts(rows))),
        fc.integer({ min: 1, max: 6 }),
        async ([rows, sizes], shardRows) => {
          const whole = table(rows, {
            label: Array.from({ length: rows }, (_, i) => `l${i % 3}`),
            path: Array.from({ length: rows }, (_, i) => `${i}.png`),
          });
          const once = await Gallery.load([whole]);
          const gallery = await Gallery.load(streamed(cut(whole, sizes)), { shardBytes: shardRows * DIM * 4 });
          expect(gallery.size).toBe(rows);
          expect(gallery.fingerprint).toBe(once.fingerprint);
          expect(gallery.vectors.shards.length).toBe(Math.ceil(rows / shardRows));
          for (let row = 0; row < rows; row++)
            expect([...gallery.vectors.row(row)]).toEqual([...whole.data.subarray(row * DIM, (row + 1) * DIM)]);
          expect([...gallery.columns.path]).toEqual([...whole.columns.path]);
          expect([...(gallery.labels?.codes ?? [])]).toEqual([...(once.labels?.codes ?? [])]);
          for (let code = 0; code < 3; code++) {
            const expected = Array.from({ length: rows }, (_, i) => i).filter((i) => i % 3 === code);
            expect([...(gallery.labels?.rows(gallery.labels.code(`l${code}`)) ?? [])]).toEqual(expected);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('has another fingerprint when one bit differs', async () => {
    const [a, b] = [table(2), table(2)];
    b.data[5] = Math.fround(b.data[5] * (1 + 2 ** -23));
    expect((await Gallery.load([a])).fingerprint).not.toBe((await Gallery.load([b])).fingerprint);
  });

  it('refuses what cannot be searched', async () => {
    expect(await refusal(() => Gallery.load([]))).toBe('gallery: the gallery is empty; nothing can be retrieved from it');
    expect(await refusal(() => Gallery.load([table(0)]))).toBe('table: the gallery is empty; nothing can be retrieved from it');
    const flat = EmbeddingBatch.fromMatrix({ data: new Float32Array(2), rows: 1, dim: 2 }, {}, { source: 'flat', firstRow: 0 });
    expect(await refusal(() => Gallery.load([table(1), flat]))).toBe('flat: dimension 2, but 3 before');
    const twice = table(4, { id: ['a', 'b', 'c', 'a'] });
    expect(await refusal(() => Gallery.load([twice.slice(0, 2), twice.slice(2, 4)]))).toBe(
      'table: id "a" stands in gallery rows 0 and 3; ids must be unique',
    );
  });

  it('takes null ids', async () => {
    const batch = EmbeddingBatch.fromMatrix(
      { data: new Float32Array(3), rows: 3, dim: 1 },
      { id: vectorFromArray([null, null, 'a'], new Utf8()) },
    );
    expect((await Gallery.load([batch])).size).toBe(3);
  });
});

describe('a gallery without its vectors', () => {
  it('is known as one with them, of its columns only what was asked for', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }).chain((rows) => fc.tuple(fc.constant(rows), cuts(rows))),
        fc.constantFrom<string[] | undefined>(undefined, [], ['path'], ['id', 'text', 'path']),
        async ([rows, sizes], columns) => {
          const row = Array.from({ length: rows }, (_, i) => i);
          const whole = table(rows, {
            id: row.map(String),
            label: row.map((i) => i % 3),
            sequence: row.map((i) => (i % 4 ? i % 2 : null)),
            path: row.map((i) => `${i}.png`),
          });
          const gallery = await Gallery.load([whole]);
          const items = await readGalleryItems(streamed(cut(whole, sizes)), { columns });
          for (const name of ['size', 'dim', 'source', 'fingerprint'] as const) expect(items[name]).toBe(gallery[name]);
          for (const name of ['labels', 'sequences'] as const)
            expect([...(items[name]?.codes ?? [])]).toEqual([...(gallery[name]?.codes ?? [])]);
          expect(Object.keys(items.columns)).toEqual(Object.keys(whole.columns).filter((name) => columns?.includes(name) ?? true));
          for (const name of Object.keys(items.columns)) expect([...items.columns[name]]).toEqual([...whole.columns[name]]);
        },
      ),
      { numRuns: 40 },
    ));

  it('is read once, and again only to confirm that an id stands twice', async () => {
    let times = 0;
    const source = (ids: (string | null)[]) => ({
      async *[Symbol.asyncIterator]() {
        times++;
        yield* cut(table(ids.length, { id: ids }), [2, ids.length - 2]);
      },
    });
    await readGalleryItems(source(['a', null, 'b', null]), { columns: [] });
    expect(times).toBe(1);
    expect(await refusal(() => readGalleryItems(source(['a', null, 'b', 'a']), { columns: [] }))).toBe(
      'table: id "a" stands in gallery rows 0 and 3; ids must be unique',
    );
    expect(times).toBe(3);
  });
});

describe('a table split into queries and gallery', () => {
  const flags = fc.array(fc.record({ query: fc.boolean(), gallery: fc.boolean() }), { minLength: 1, maxLength: 15 });

  it('gives each query its own row in the gallery, whatever the batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        flags.chain((f) => fc.tuple(fc.constant(f), cuts(f.length))),
        async ([rows, sizes]) => {
          const whole = table(rows.length, {
            is_query: rows.map(({ query }) => query),
            is_gallery: rows.map(({ gallery }) => gallery),
            row: rows.map((_, i) => i),
          });
          const parts = cut(whole, sizes);
          const origin = (batches: EmbeddingBatch[]) => batches.flatMap((batch) => [...batch.columns.row].map(Number));
          const gallery = origin(await collect(galleryRows(streamed(parts))));
          expect(gallery).toEqual(rows.flatMap(({ gallery: is }, i) => (is ? [i] : [])));
          const queries = await collect(queryRows(streamed(parts)));
          expect(origin(queries)).toEqual(rows.flatMap(({ query: is }, i) => (is ? [i] : [])));
          const self = queries.flatMap((batch) => [...(batch.self ?? [])]);
          expect(self).toEqual(origin(queries).map((row) => gallery.indexOf(row)));
          let first = 0;
          for (const batch of queries) {
            expect(batch.firstRow).toBe(first);
            first += batch.rows;
          }
        },
      ),
    );
  });

  it('is all against all without flags', async () => {
    const [queries] = await collect(queryRows(streamed([table(3)])));
    expect([...(queries.self ?? [])]).toEqual([0, 1, 2]);
    expect((await collect(galleryRows(streamed([table(3)]))))[0].rows).toBe(3);
  });

  it('of two files knows the same items by their ids', async () => {
    const gallery = await Gallery.load([table(3, { id: ['a', 'b', 'c'] })]);
    const [queries] = await collect(sameIds(streamed([table(3, { id: ['c', 'x', 'a'] })]), gallery));
    expect([...(queries.self ?? [])]).toEqual([2, -1, 0]);
    const numbers = await Gallery.load([
      EmbeddingBatch.fromMatrix({ data: new Float32Array(2), rows: 2, dim: 1 }, { id: vectorFromArray([7, 8], new Int32()) }),
    ]);
    const own = EmbeddingBatch.fromMatrix({ data: new Float32Array(1), rows: 1, dim: 1 }, { id: vectorFromArray([8n]) });
    expect([...((await collect(sameIds(streamed([own]), numbers)))[0].self ?? [])]).toEqual([1]);
  });
});
