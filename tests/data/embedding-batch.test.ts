import { Int32, Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmbeddingBatch, roleColumns } from '../../src/data/embedding-batch.js';
import { refusal } from '../io/support.js';
import { embeddingTable } from '../support/tables.js';

const place = { source: 'q.parquet', firstRow: 100 };

function numbered(rows: number): EmbeddingBatch {
  const data = Float32Array.from({ length: rows * 2 }, (_, i) => i);
  const label = vectorFromArray(
    Array.from({ length: rows }, (_, i) => i),
    new Int32(),
  );
  const self = Int32Array.from({ length: rows }, (_, i) => 1000 + i);
  return EmbeddingBatch.fromMatrix({ data, rows, dim: 2 }, { label }, place).withSelf(self);
}

const labels = (batch: EmbeddingBatch) => Array.from({ length: batch.rows }, (_, row) => batch.keys('label')?.(row));

describe('EmbeddingBatch', () => {
  it('shares the buffer of a float32 column', () => {
    const table = embeddingTable([
      [1, 2],
      [3, 4],
    ]);
    const batch = EmbeddingBatch.fromArrow(table, place);
    expect(batch.data.buffer).toBe(table.getChildAt(0)?.data[0].children[0].values.buffer);
    expect(batch).toMatchObject({ rows: 2, dim: 2, firstRow: 100, source: 'q.parquet' });
  });

  it('slices and takes rows with everything that belongs to them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(12), fc.nat(12), fc.array(fc.nat(11)), (rows, a, b, picked) => {
        const batch = numbered(rows);
        const [start, end] = [Math.min(a, b, rows), Math.min(Math.max(a, b), rows)];
        const slice = batch.slice(start, end);
        const expected = Array.from({ length: end - start }, (_, i) => start + i);
        expect(labels(slice)).toEqual(expected);
        expect([...slice.data]).toEqual(expected.flatMap((row) => [2 * row, 2 * row + 1]));
        expect([...(slice.self ?? [])]).toEqual(expected.map((row) => 1000 + row));
        expect(slice.firstRow).toBe(100 + start);
        expect(slice.data.buffer).toBe(batch.data.buffer);
        const indices = [...new Set(picked.map((row) => row % rows))].sort((x, y) => x - y);
        const taken = batch.take(Int32Array.from(indices), 7);
        expect(labels(taken)).toEqual(indices);
        expect([...taken.data]).toEqual(indices.flatMap((row) => [2 * row, 2 * row + 1]));
        expect([...(taken.self ?? [])]).toEqual(indices.map((row) => 1000 + row));
        expect(taken.firstRow).toBe(7);
      }),
    );
  });

  it('takes all rows in another order', () => {
    const batch = numbered(3).take(Int32Array.of(2, 0, 1), 7);
    expect([...batch.data]).toEqual([4, 5, 0, 1, 2, 3]);
    expect([...batch.columns.label]).toEqual([2, 0, 1]);
    expect(batch.firstRow).toBe(7);
  });

  it('refuses ids that repeat, but not null ones', async () => {
    const ids = (values: (string | null)[]) => embeddingTable([[1], [2], [3]], { id: vectorFromArray(values, new Utf8()) });
    expect(await refusal(() => EmbeddingBatch.fromArrow(ids(['a', 'b', 'a']), place))).toBe(
      'q.parquet, row 102, column "id": "a" stands also in row 100; ids must be unique',
    );
    expect(EmbeddingBatch.fromArrow(ids(['a', null, null]), place).rows).toBe(3);
  });

  it('refuses another dimension than the one that is demanded', async () => {
    expect(await refusal(() => EmbeddingBatch.fromArrow(embeddingTable([[1, 2]]), { ...place, dim: 3 }))).toBe(
      'q.parquet, row 100, column "embedding": dimension 2, but 3 before',
    );
  });

  it('from memory refuses sizes that disagree and values that are not finite', async () => {
    const matrix = (values: number[]) => ({ data: Float32Array.from(values), rows: 2, dim: 2 });
    expect(await refusal(() => EmbeddingBatch.fromMatrix(matrix([1, 2, 3])))).toBe('memory: 3 numbers are not 2 rows of 2');
    expect(await refusal(() => EmbeddingBatch.fromMatrix(matrix([1, 2, 3, Number.NaN])))).toBe(
      'memory, row 1: the embedding is not finite',
    );
    const label = vectorFromArray([1, 2, 3], new Int32());
    expect(await refusal(() => EmbeddingBatch.fromMatrix(matrix([1, 2, 3, 4]), { label }))).toBe(
      'memory, column "label": 3 values for 2 rows',
    );
  });
});

describe('roleColumns', () => {
  it('lets a column play two roles, and leaves out what another column replaced', () => {
    const names = { embedding: 'vec', category: 'label' };
    expect([...roleColumns(['vec', 'label', 'category', 'path'], 't', names)]).toEqual([
      ['embedding', 0],
      ['label', 1],
      ['category', 1],
      ['path', 3],
    ]);
  });

  it('demands an embedding', async () => {
    expect(await refusal(() => roleColumns(['label'], 't.csv'))).toBe(
      't.csv: no embedding column "embedding" (there are: label); name it with --column embedding=NAME',
    );
    expect(await refusal(() => roleColumns(['label', 'text'], 't.csv'))).toBe(
      't.csv: no embedding column "embedding" (there are: label, text); name it with --column embedding=NAME, or embed the items (--model, or rankstream extract)',
    );
  });
});
