import {
  Bool,
  DataType,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  type RecordBatch,
  Schema,
  Table,
  Uint8,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTable } from '../../src/io/open.js';
import { createWriter } from '../../src/io/write.js';
import { categorical } from './arbitrary.js';
import { collect, refusal, rowsOf, temporaryFolder } from './support.js';

const folder = temporaryFolder();

/** Columns of the types that tables of items have, with nulls. */
const TYPES: Readonly<Record<string, { type: DataType; value: fc.Arbitrary<unknown> }>> = {
  int: { type: new Int32(), value: fc.integer() },
  long: { type: new Int64(), value: fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }) },
  byte: { type: new Uint8(), value: fc.nat(255) },
  double: { type: new Float64(), value: fc.double({ noNaN: true }).map((x) => x + 0) },
  text: { type: new Utf8(), value: fc.string({ unit: 'grapheme' }) },
  flag: { type: new Bool(), value: fc.boolean() },
  list: { type: new List(new Field('item', new Int32(), true)), value: fc.array(fc.integer(), { maxLength: 3 }) },
  fixed: {
    type: new FixedSizeList(2, new Field('item', new Float32(), true)),
    value: fc.array(
      fc.float({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
      { minLength: 2, maxLength: 2 },
    ),
  },
};

const tables = fc
  .record({ rows: fc.integer({ min: 1, max: 20 }), names: fc.subarray(Object.keys(TYPES), { minLength: 1 }) })
  .chain(({ rows, names }) =>
    fc
      .tuple(...names.map((name) => fc.array(fc.option(TYPES[name].value), { minLength: rows, maxLength: rows })))
      .map(
        (columns) =>
          new Table(Object.fromEntries(names.map((name, i) => [name, vectorFromArray(columns[i] as unknown[], TYPES[name].type)])))
            .batches[0],
      ),
  );

async function write(path: string, ...batches: RecordBatch[]): Promise<void> {
  const writer = createWriter(path);
  for (const batch of batches) await writer.write(batch);
  await writer.close();
}

describe.each(['.arrow', '.arrows', '.feather', '.parquet'])('a table as %s', (ending) => {
  it('comes back with its types and values, whatever its batches and those that are asked for', async () => {
    const path = folder.path(`round${ending}`);
    await fc.assert(
      fc.asyncProperty(tables, fc.nat(20), fc.integer({ min: 1, max: 8 }), async (table, at, batchRows) => {
        const cut = Math.min(at, table.numRows);
        await write(path, table.slice(0, cut), table.slice(cut, table.numRows));
        const source = readTable(path, { batchRows });
        const back = await collect(source);
        expect(rowsOf(back)).toEqual(rowsOf([table]));
        expect(Math.max(...back.map((batch) => batch.numRows))).toBeLessThanOrEqual(batchRows);
        for (const batch of back) expect(batch.schema.fields.map(String)).toEqual(table.schema.fields.map(String));
        const { schema, rows } = await source.describe();
        expect(schema.names).toEqual(table.schema.names);
        expect(rows).toBe(table.numRows);
        const [first] = table.schema.names as string[];
        const only = await collect(readTable(path, { columns: [first] }));
        expect(only[0].schema.names).toEqual([first]);
        expect(only.flatMap((batch) => [...batch.getChildAt(0)!].map(String))).toEqual([...table.getChildAt(0)!].map(String));
      }),
      { numRuns: 25 },
    );
  });

  it('keeps the metadata of its schema, and writes dictionaries as values', async () => {
    const path = folder.path(`meta${ending}`);
    const columns = new Table({ kind: categorical(['a', null, 'b', 'a']) }).batches[0];
    const schema = new Schema(columns.schema.fields, new Map([['gallery', '12']]), columns.schema.dictionaries);
    const writer = createWriter(path, { schema });
    await writer.write(new (columns.constructor as new (schema: Schema, data: unknown) => RecordBatch)(schema, columns.data));
    await writer.close();
    const [batch] = await collect(readTable(path));
    expect(batch.schema.metadata.get('gallery')).toBe('12');
    expect(DataType.isUtf8(batch.schema.fields[0].type)).toBe(true);
    expect([...batch.getChildAt(0)!]).toEqual(['a', null, 'b', 'a']);
  });

  it('without rows gives one empty batch, so that its columns are seen', async () => {
    const path = folder.path(`empty${ending}`);
    const writer = createWriter(path, { schema: new Schema([new Field('label', new Int32(), true)]) });
    await writer.close();
    const batches = await collect(readTable(path));
    expect(batches.map((batch) => batch.numRows)).toEqual([0]);
    expect(batches[0].schema.names).toEqual(['label']);
  });

  it('refuses a column that is not there, suggesting one that is', async () => {
    const path = folder.path(`columns${ending}`);
    await write(path, new Table({ label: vectorFromArray([1, 2], new Int32()) }).batches[0]);
    expect(await refusal(() => collect(readTable(path, { columns: ['lable'] })))).toMatch(
      /no column "lable" \(there are: label\); did you mean "label"\?$/,
    );
  });
});
