import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { Utf8, vectorFromArray } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { DISTANCES, type Matrix } from '../../src/data/matrix.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { openPgvector } from '../../src/search/pgvector.js';
import { loadPgvector } from '../../src/search/pgvector-load.js';
import { recallOf } from '../../src/search/recall.js';
import { worldOf } from './worlds.js';

const { gallery: vectors, queries } = worldOf('scattered', 11, 1000, 20, 8);
let pg: PGlite;

/** Ids, and two long sequences and many rows without one. */
async function galleryOf(matrix: Matrix): Promise<Gallery> {
  const text = (value: (row: number) => string | null) =>
    vectorFromArray(
      Array.from({ length: matrix.rows }, (_, row) => value(row)),
      new Utf8(),
    );
  const columns = { id: text((row) => `sku "${row}"`), sequence: text((row) => (row % 3 === 0 ? null : `video ${row % 3}`)) };
  return Gallery.load([EmbeddingBatch.fromMatrix(matrix, columns)]);
}

beforeAll(async () => {
  pg = await PGlite.create({ extensions: { vector } });
  await pg.query('CREATE EXTENSION vector');
});
afterAll(() => pg.close());

describe('openPgvector', () => {
  it.each(DISTANCES)('%s: without an index it is the exact search, and ignored items cost no slot', async (distance) => {
    const gallery = await galleryOf(vectors);
    const table = `public.Items of "${distance}"`;
    const progress: number[] = [];
    await loadPgvector(pg, gallery, { table, id: 'stock keeping unit', batchRows: 300, onProgress: (done) => progress.push(done) });
    expect(progress).toEqual([300, 600, 900, 1000]);
    const self = Int32Array.from({ length: 20 }, (_, q) => (q % 2 === 0 ? q : -1));
    const sequence = Int32Array.from({ length: 20 }, (_, q) => (q % 4 === 0 ? (gallery.sequences?.code('video 1') ?? -1) : -1));
    const exact = await ExactSearcher.open(gallery, { distance });
    const truth = await exact.search(queries, 15, { self, sequence });
    await exact.close();
    for (const by of [{}, { id: 'stock keeping unit' }]) {
      const searcher = await openPgvector(pg, gallery, { table, distance, ...by });
      expect(searcher).toMatchObject({ size: 1000, dimension: 8, distance, device: 'pgvector', exact: false });
      const found = await searcher.search(queries, 15, { self, sequence });
      expect([...found.offsets]).toEqual([...truth.offsets]);
      expect(recallOf(found, truth)).toBe(1);
      // Its distances are those of float32 sums.
      for (const [i, d] of found.distances.entries()) expect(Math.abs(d - truth.distances[i])).toBeLessThan(1e-4);
      await searcher.close();
    }
  });

  it('answers what an index answers', async () => {
    const gallery = await galleryOf(vectors);
    await loadPgvector(pg, gallery, { table: 'indexed' });
    await pg.query('CREATE INDEX ON indexed USING hnsw (embedding vector_l2_ops) WITH (m = 4, ef_construction = 8)');
    await pg.query('ANALYZE indexed');
    await pg.query('SET enable_seqscan = off');
    const plan = await pg.query<{ 'QUERY PLAN': string }>('EXPLAIN SELECT "row" FROM indexed ORDER BY embedding <-> $1 LIMIT 9', [
      `[${queries.data.subarray(0, 8)}]`,
    ]);
    expect(plan.rows.map((row) => row['QUERY PLAN']).join()).toContain('Index Scan using indexed_embedding_idx');
    const exact = await ExactSearcher.open(gallery);
    const truth = await exact.search(queries, 10);
    await exact.close();
    const searcher = await openPgvector(pg, gallery, { table: 'indexed' });
    const recalls: number[] = [];
    for (const ef of [1, 10, 400]) {
      await pg.query(`SET hnsw.ef_search = ${ef}`);
      const found = await searcher.search(queries, 10);
      for (let q = 0; q < 20; q++) {
        const distances = found.distances.subarray(found.offsets[q], found.offsets[q + 1]);
        expect([...distances]).toEqual([...distances].sort((a, b) => a - b));
      }
      recalls.push(recallOf(found, truth));
    }
    await pg.query('SET enable_seqscan = on');
    expect(recalls).toEqual([...recalls].sort((a, b) => a - b));
    expect(recalls[0]).toBeLessThan(0.2);
    expect(recalls[2]).toBeGreaterThan(0.9);
  });

  it('orders ties by row, and knows the cosine distance to a zero vector', async () => {
    const gallery = await galleryOf({ data: Float32Array.of(0, 0, 3, 4, 0, 1, 6, 8, -3, -4), rows: 5, dim: 2 });
    await loadPgvector(pg, gallery, { table: 'ties' });
    await pg.query('UPDATE ties SET embedding = embedding WHERE "row" = 1');
    const found = await (await openPgvector(pg, gallery, { table: 'ties', distance: 'cosine' })).search(
      { data: Float32Array.of(3, 4), rows: 1, dim: 2 },
      5,
    );
    expect([...found.ids]).toEqual([1, 3, 2, 0, 4]);
    expect(found.distances[0]).toBe(0);
    expect(found.distances[3]).toBe(1);
  });

  it('says what does not fit', async () => {
    const gallery = await galleryOf(vectors);
    const small = await galleryOf({ data: new Float32Array(6).fill(1), rows: 3, dim: 2 });
    await loadPgvector(pg, small, { table: 'small', id: 'id' });
    const open = (of: Gallery, options: Omit<Parameters<typeof openPgvector>[2], 'table'> = {}, table = 'small') =>
      openPgvector(pg, of, { table, ...options });
    await expect(open(small, {}, 'nowhere')).rejects.toThrow('table nowhere: relation "nowhere" does not exist (in: SELECT');
    await expect(open(small, { embedding: 'no' })).rejects.toThrow('table small: column "no" does not exist');
    await expect(open(gallery)).rejects.toThrow('table small: 3 rows, but the gallery (memory) has 1000');
    const wide = await galleryOf({ data: new Float32Array(9).fill(1), rows: 3, dim: 3 });
    await expect(open(wide)).rejects.toThrow('table small: vectors of dimension 2, but the gallery (memory) has 3');
    await expect(loadPgvector(pg, small, { table: 'small' })).rejects.toThrow('table small: relation "small" already exists');

    const query = { data: Float32Array.of(1, 2), rows: 1, dim: 2 };
    await pg.query(`UPDATE small SET "row" = 7, id = 'strange' WHERE "row" = 2`);
    await expect((await open(small)).search(query, 3)).rejects.toThrow('table small: row 7 is outside the gallery of 3');
    await expect((await open(small, { id: 'id' })).search(query, 3)).rejects.toThrow('table small: id "strange" is not in the gallery');
    await expect((await open(small)).search({ data: Float32Array.of(3e38, 3e38), rows: 1, dim: 2 }, 3)).rejects.toThrow('beyond float32');
    const bare = await Gallery.load([EmbeddingBatch.fromMatrix({ data: new Float32Array(6).fill(1), rows: 3, dim: 2 })]);
    await expect(open(bare, { id: 'id' })).rejects.toThrow('memory: no column "id", which table small is to be matched by');
  });
});
