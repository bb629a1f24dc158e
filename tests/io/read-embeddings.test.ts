import { writeFileSync } from 'node:fs';
import { Field, Float32, Float64, Int32, List, type Vector, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEmbeddings } from '../../src/io/read-embeddings.js';
import { embeddingTable, writeTable } from '../support/tables.js';
import { collect, refusal, temporaryFolder } from './support.js';

const folder = temporaryFolder();
const lists = (values: (unknown[] | null)[], type: Float32 | Float64 = new Float32()): Vector =>
  vectorFromArray(values, new List(new Field('item', type, true)));

const ENDINGS = ['.arrow', '.arrows', '.parquet'];

describe.each(ENDINGS)('embeddings from %s', (ending) => {
  it('are the same whatever the batches, each of which knows its first row', async () => {
    const path = folder.path(`emb${ending}`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 3, maxLength: 3 }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.nat(12),
        fc.integer({ min: 1, max: 5 }),
        async (vectors, at, batchRows) => {
          const cut = Math.min(at, vectors.length);
          const label = vectors.map((_, i) => i);
          const table = embeddingTable(vectors, { label: vectorFromArray(label, new Int32()) });
          await writeTable(
            path,
            ...(cut > 0 ? [table.slice(0, cut)] : []),
            ...(cut < table.numRows ? [table.slice(cut, table.numRows)] : []),
          );
          const batches = await collect(readEmbeddings(path, { batchRows }));
          const data = batches.flatMap((batch) => [...batch.data]);
          expect(data.length).toBe(vectors.length * 3);
          expect(data.every((x, i) => Object.is(x, vectors.flat()[i]))).toBe(true);
          expect(batches.flatMap((batch) => label.slice(0, batch.rows).map((i) => batch.keys('label')?.(i)))).toEqual(label);
          let row = 0;
          for (const batch of batches) {
            expect(batch.firstRow).toBe(row);
            row += batch.rows;
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it.each<[string, Vector, RegExp]>([
    ['NaN', lists([[1], [1], [Number.NaN]]), /row 2, column "embedding": element 0 is NaN; embeddings must be finite$/],
    [
      'inf',
      lists([
        [1, 2],
        [1, 2],
        [1, Number.POSITIVE_INFINITY],
      ]),
      /row 2, column "embedding": element 1 is Infinity; embeddings must be finite$/,
    ],
    ['ragged', lists([[1], [1], [1, 2]]), /row 2, column "embedding": ragged: 2 numbers, but 1 before$/],
    ['null', lists([[1], [1], null]), /row 2, column "embedding": the embedding is null$/],
    ['null inside', lists([[1], [1], [null]]), /row 2, column "embedding": element 0 of the embedding is null$/],
    ['empty', lists([[], [], []]), /row 0, column "embedding": the embedding is empty$/],
    [
      'double',
      lists([[1], [1], [1e300]], new Float64()),
      /row 2, column "embedding": element 0 is 1e\+300 \(beyond float32\); embeddings must be finite$/,
    ],
    ['no list', vectorFromArray([1, 2, 3], new Int32()), /column "embedding": embeddings must be lists of numbers, not Int32$/],
  ])('refuse %s, naming the row of the file in any batch', async (name, embedding, message) => {
    const path = folder.path(`bad-${name.replace(' ', '-')}${ending}`);
    await writeTable(path, embeddingTable([[0], [0], [0]], { embedding }));
    for (const batchRows of [1, 2, 4096]) {
      const reason = await refusal(() => collect(readEmbeddings(path, { batchRows })));
      expect(reason.startsWith(path)).toBe(true);
      expect(reason).toMatch(message);
    }
  });
});

describe('roles', () => {
  it('are played by the columns that are named', async () => {
    const path = await writeTable(
      folder.path('roles.parquet'),
      embeddingTable([[1, 2]], { vec: lists([[3, 4]]), label: vectorFromArray(['ours']), product: vectorFromArray(['theirs']) }),
    );
    const source = readEmbeddings(path, { columns: { embedding: 'vec', label: 'product' } });
    const [batch] = await collect(source);
    expect([...batch.data]).toEqual([3, 4]);
    expect(batch.keys('label')?.(0)).toBe('theirs');
    expect(await source.columnNames()).toEqual(['embedding', 'label']);
    expect(source.rows).toBe(1);
  });

  it('are refused when no such column is there', async () => {
    const path = await writeTable(folder.path('norole.parquet'), embeddingTable([[1]], { product: vectorFromArray(['x']) }));
    expect(await refusal(() => collect(readEmbeddings(path, { columns: { label: 'prodcut' } })))).toBe(
      `${path}: no column "prodcut" for label (there are: embedding, product); did you mean "product"?`,
    );
  });

  it('refuse wrong labels and flags with the row of the file', async () => {
    const vectors = [[1], [2], [3]];
    const half = vectorFromArray([1, 2, 2.5], new Float64());
    const labels = await writeTable(folder.path('half.parquet'), embeddingTable(vectors, { label: half }));
    expect(await refusal(() => collect(readEmbeddings(labels, { batchRows: 2 })))).toBe(
      `${labels}, row 2, column "label": 2.5 is no label; labels are integers or strings`,
    );
    const flags = await writeTable(
      folder.path('flags.parquet'),
      embeddingTable(vectors, { is_query: vectorFromArray([1, 0, 7], new Int32()) }),
    );
    expect(await refusal(() => collect(readEmbeddings(flags, { batchRows: 2 })))).toBe(
      `${flags}, row 2, column "is_query": 7 is no flag; give true, false, 1 or 0`,
    );
  });
});

describe('a table joined with an npy file', () => {
  const table = async (rows: number, ending = '.csv') => {
    const path = folder.path(`rows-${rows}${ending}`);
    writeFileSync(path, `label\n${Array.from({ length: rows }, (_, i) => `${i}\n`).join('')}`);
    return path;
  };
  const embeddings = 'tests/fixtures/io/vectors-f4.npy';

  it('has the vectors row by row', async () => {
    for (const batchRows of [1, 3, 4096]) {
      const batches = await collect(readEmbeddings(await table(10), { embeddings, batchRows }));
      expect(batches.flatMap((batch) => [...batch.data])).toEqual(Array.from({ length: 40 }, (_, i) => Math.floor(i / 4) + (i % 4) / 8));
      expect(batches.flatMap((batch) => [...batch.columns.label]).map(Number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });

  it.each([9, 11])('is refused with %i rows against 10', async (rows) => {
    const path = await table(rows);
    for (const batchRows of [2, 4096]) {
      expect(await refusal(() => collect(readEmbeddings(path, { embeddings, batchRows })))).toMatch(
        new RegExp(`^${path} has (at least )?${rows === 9 ? 9 : '1[01]'} rows, but ${embeddings} has 10; they are joined row by row$`),
      );
    }
  });

  it('is refused when it has embeddings of its own', async () => {
    const path = await writeTable(folder.path('both.parquet'), embeddingTable([[1]]));
    expect(await refusal(() => collect(readEmbeddings(path, { embeddings })))).toMatch(
      /there is a column "embedding" already; leave .* away/,
    );
  });
});
