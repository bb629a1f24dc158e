import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readEmbeddings } from '../../src/io/read-embeddings.js';
import { collect } from './support.js';

const folder = 'tests/fixtures/io/';
const files = readdirSync(folder).filter((name) => name.startsWith('emb-'));

/** The numbers of tests/fixtures/io/generate.py. */
const ROWS = 10;
const vectors = Array.from({ length: ROWS }, (_, i) => [0, 1, 2, 3].map((j) => i + j / 8));

describe('tables that pyarrow, polars, pandas and numpy wrote', () => {
  it('are there in every form', () => {
    for (const form of ['lz4.arrow', 'zstd.arrow', 'lz4.arrows', '.feather', 'f16.parquet', 'brotli.parquet', '.csv.gz', '.tsv']) {
      expect(files.some((name) => name.endsWith(form))).toBe(true);
    }
  });

  it.each(files)('%s', async (name) => {
    for (const batchRows of [3, 4096]) {
      const batches = await collect(readEmbeddings(folder + name, { batchRows }));
      expect(Math.max(...batches.map((batch) => batch.rows))).toBeLessThanOrEqual(batchRows);
      expect(batches.flatMap((batch) => [...batch.data])).toEqual(vectors.flat());
      expect(batches.map((batch) => batch.firstRow)).toEqual(
        batches.map((_, b) => batches.slice(0, b).reduce((sum, one) => sum + one.rows, 0)),
      );
      const column = (of: string) => batches.flatMap((batch) => [...batch.columns[of]]);
      const label = batches.flatMap((batch) => Array.from({ length: batch.rows }, (_, row) => batch.keys('label')?.(row)));
      expect(label).toEqual(Array.from({ length: ROWS }, (_, i) => Math.floor(i / 2)));
      const sequence = batches.flatMap((batch) => Array.from({ length: batch.rows }, (_, row) => batch.keys('sequence')?.(row)));
      expect(sequence).toEqual(Array.from({ length: ROWS }, (_, i) => (i % 3 === 0 ? null : i)));
      expect(column('id')).toEqual(Array.from({ length: ROWS }, (_, i) => `item ${i}`));
      expect(column('category')).toEqual(Array.from({ length: ROWS }, (_, i) => (i % 2 ? 'cat' : 'döner')));
      const flags = batches.flatMap((batch) => Array.from({ length: batch.rows }, (_, row) => batch.flags('is_query')?.(row)));
      expect(flags).toEqual(Array.from({ length: ROWS }, (_, i) => i < 4));
    }
  });

  it.each(['vectors-f2.npy', 'vectors-f4.npy', 'vectors-f8.npy', 'vectors-v2.npy'])('%s', async (name) => {
    const source = readEmbeddings(folder + name, { batchRows: 4 });
    expect(await source.columnNames()).toEqual(['embedding']);
    expect(source.rows).toBe(ROWS);
    expect((await collect(source)).flatMap((batch) => [...batch.data])).toEqual(vectors.flat());
  });
});
