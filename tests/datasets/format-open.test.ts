import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Float64, Int64, Table, Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/data/errors.js';
import { openItems, validationItems } from '../../src/datasets/format-open.js';
import { sourceRow } from '../../src/datasets/item-table.js';
import { temporaryFolder, writeTable } from '../support/tables.js';
import { validTable, writeCsv } from './items-support.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const values = (column: Iterable<unknown>) => [...column];

describe('openItems', () => {
  it('gives flags, boxes, times and labels one type, whatever pandas wrote', async () => {
    await fc.assert(
      fc.asyncProperty(validTable, async (rows) => {
        const { columns, size, source } = await openItems(writeCsv(at('typed.csv'), rows));
        expect(size).toBe(rows.length);
        expect(source).toBe(at('typed.csv'));
        const flag = (text: string) => (text === '' ? null : /^(1|true)/i.test(text));
        const number = (text: string) => (text === '' ? null : Number(text));
        for (const name of ['is_query', 'is_gallery']) expect(values(columns[name])).toEqual(rows.map((row) => flag(row[name])));
        for (const name of ['x_1', 'x_2', 'y_1', 'y_2', 'start_time'])
          expect(values(columns[name])).toEqual(rows.map((row) => number(row[name])));
        expect(values(columns.label)).toEqual(rows.map(({ label }) => BigInt(label)));
        expect(String([columns.is_query.type, columns.x_1.type, columns.start_time.type, columns.label.type])).toBe(
          'Bool,Int32,Float64,Int64',
        );
        for (const name of ['text', 'path', 'other']) expect(values(columns[name])).toEqual(rows.map((row) => row[name]));
      }),
      { numRuns: 40 },
    );
  });

  it('tells the types of a CSV by all of its rows', async () => {
    const late = Array.from({ length: 6000 }, (_, i) => ({
      label: i === 5000 ? 'one' : '1',
      split: i < 3000 ? 'train' : 'validation',
      is_query: i < 3000 ? '' : '1',
      is_gallery: i < 3000 ? '' : 'True',
      path: String(i),
      x_1: i === 4000 ? '3' : '',
      x_2: i === 4000 ? '4' : '',
      y_1: i === 4000 ? '3' : '',
      y_2: i === 4000 ? '4' : '',
    }));
    const { columns } = await openItems(writeCsv(at('late.csv'), late));
    expect(columns.label.get(0)).toBe('1');
    expect(columns.label.get(5000)).toBe('one');
    expect([columns.is_query.get(0), columns.is_query.get(3000), columns.is_gallery.get(5999)]).toEqual([null, true, true]);
    expect([columns.x_1.get(0), columns.y_2.get(4000)]).toEqual([null, 4]);
    expect(columns.path.get(17)).toBe('17');
  });

  it('reads labels that are floats beside missing values as integers, and keeps texts that look like numbers in Parquet', async () => {
    const table = new Table({
      label: vectorFromArray([1, null, 3, Number.NaN], new Float64()),
      sequence: vectorFromArray(['1', '2', null, '3'], new Utf8()),
      is_query: vectorFromArray(['True', '0', null, '1.0'], new Utf8()),
      x_1: vectorFromArray([1n, null, 2n, 3n], new Int64()),
      x_2: vectorFromArray([4, Number.NaN, 5, 6], new Float64()),
      y_1: vectorFromArray([0, null, 0, 0], new Float64()),
      y_2: vectorFromArray([1, null, 1, 1], new Float64()),
      text: vectorFromArray(['1', '2', '3', '4'], new Utf8()),
    });
    const { columns } = await openItems(await writeTable(at('floats.parquet'), ...table.batches));
    expect(values(columns.label)).toEqual([1n, null, 3n, null]);
    expect(values(columns.sequence)).toEqual(['1', '2', null, '3']);
    expect(values(columns.is_query)).toEqual([true, false, null, true]);
    expect(values(columns.x_1)).toEqual([1, null, 2, 3]);
    expect(values(columns.x_2)).toEqual([4, null, 5, 6]);
    expect(values(columns.text)).toEqual(['1', '2', '3', '4']);
  });
});

describe('validationItems', () => {
  it('takes the rows of a split in their order, and knows where they stand in the file', async () => {
    await fc.assert(
      fc.asyncProperty(validTable, fc.constantFrom('train', 'validation', undefined), async (rows, split) => {
        const items = await openItems(writeCsv(at('split.csv'), rows));
        const wanted = rows.flatMap((row, i) => (row.split === (split ?? 'validation') ? [i] : []));
        if (wanted.length === 0) {
          expect(() => validationItems(items, split)).toThrow(/no item of the split/);
          return;
        }
        const part = validationItems(items, split);
        expect(part.size).toBe(wanted.length);
        expect(wanted.map((_, i) => sourceRow(part, i))).toEqual(wanted);
        expect(part.table.schema.fields.map(String)).toEqual(items.table.schema.fields.map(String));
        for (const [name, column] of Object.entries(part.columns)) {
          expect(values(column)).toEqual(wanted.map((row) => items.columns[name].get(row)));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('refuses a split without rows, naming those there are', async () => {
    writeFileSync(at('train.csv'), 'label,split,text\n1,train,a\n1,training,b\n');
    const items = await openItems(at('train.csv'));
    const refused = (split?: string) => {
      try {
        validationItems(items, split);
      } catch (error) {
        if (error instanceof UserError) return error.message.replace(`${items.source}: `, '');
      }
      return undefined;
    };
    expect(refused()).toBe('no item of the split "validation" (there are: train, training)');
    expect(refused('trian')).toBe('no item of the split "trian" (there are: train, training); did you mean "train"?');
    writeFileSync(at('plain.csv'), 'text\na\nb\n');
    const plain = await openItems(at('plain.csv'));
    expect(validationItems(plain)).toBe(plain);
    expect(() => validationItems(plain, 'train')).toThrow('plain.csv: no column "split", of which to take "train"');
  });
});
