import { type DataType, Field, makeData, RecordBatch, Schema, Struct } from 'apache-arrow';
import { UserError } from '../data/errors.js';
import { csvRecords, delimiterOf } from './csv-records.js';
import { type CsvColumn, columnData, inferKind, typeOf } from './csv-types.js';
import { withFile } from './file.js';
import { startsWith } from './sniff.js';
import { DEFAULT_BATCH_ROWS, projection, type ReadOptions, type RecordBatchSource, recordBatchSource } from './source.js';

/** Rows from which the types of the columns are inferred. */
const SAMPLE = 1000;

/** What stands between values of tables that are called CSV. */
const DELIMITERS = [
  [';', 'semicolons'],
  ['\t', 'tabs'],
  [',', 'commas'],
] as const;

/**
 * Reads a CSV or TSV file with a header, also compressed with gzip. Types are inferred from the first 1,000 rows: integers (int64), floats (float64),
 * true/false, text; an empty value is null. The column `embedding`, and any column whose first value is a list of numbers in brackets, becomes
 * FixedSizeList<Float32>. A later value that contradicts the inferred type is refused, with its row.
 */
export function readCsv(path: string, options: ReadOptions = {}): RecordBatchSource {
  const rows = options.batchRows ?? DEFAULT_BATCH_ROWS;
  const step = Number.isFinite(rows) ? rows : DEFAULT_BATCH_ROWS;
  return recordBatchSource(path, options, {
    async describe() {
      const bytes = await check(path);
      const records = csvRecords(path);
      try {
        return { schema: schemaOf((await begin(path, records, options)).columns), bytes };
      } finally {
        await records.return();
      }
    },
    async *batches() {
      await check(path);
      const records = csvRecords(path);
      try {
        const { columns, sample } = await begin(path, records, options);
        const schema = schemaOf(columns);
        let firstRow = 0;
        let pending: string[][] = [];
        for await (const record of resumed(sample, records)) {
          if (pending.push(record) < step) continue;
          yield batchOf(path, schema, columns, pending, firstRow);
          firstRow += pending.length;
          pending = [];
        }
        if (pending.length > 0) yield batchOf(path, schema, columns, pending, firstRow);
      } finally {
        await records.return();
      }
    },
  });
}

/** @returns the size @throws UserError for a missing or empty file, and for one that is plainly not text */
function check(path: string): Promise<number> {
  return withFile(path, async (file) => {
    const head = new Uint8Array(Math.min(32, file.size));
    await file.read(head, 0);
    const zipped = head[0] === 0x1f && head[1] === 0x8b;
    if (path.toLowerCase().endsWith('.gz')) {
      if (!zipped) throw new UserError(`${path}: not gzip data (${startsWith(head)})`);
    } else if (head.includes(0) || zipped || /^(PAR1|ARROW1)/.test(Buffer.from(head).toString('latin1'))) {
      throw new UserError(`${path}: not a CSV file (${startsWith(head)})`);
    }
    return file.size;
  });
}

/** The columns asked for, and the sample of records that told their types. */
async function begin(path: string, records: AsyncGenerator<string[], void>, options: ReadOptions) {
  const head = await records.next();
  if (head.done) throw new UserError(`${path}: the file has no header`);
  const [only] = head.value;
  const other = head.value.length === 1 && DELIMITERS.find(([mark]) => mark !== delimiterOf(path) && only.includes(mark));
  if (other) throw new UserError(`${path}: its values seem to be divided by ${other[1]}; save it with commas (.csv), or with tabs as .tsv`);
  // pandas writes its index under an empty name.
  const names = head.value.map((name, i) => (name === '' ? `column_${i}` : name));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UserError(`${path}: two columns are called "${twice}"; columns need different names`);
  const wanted = projection(path, names, options.columns);
  const sample: string[][] = [];
  while (sample.length < SAMPLE) {
    const next = await records.next();
    if (next.done) break;
    sample.push(next.value);
  }
  const embedding = options.embedding ?? 'embedding';
  const columns = wanted.map((name): CsvColumn => {
    const index = names.indexOf(name);
    const values = sample.map((record) => record[index]);
    const kind = options.asText ? 'text' : name === embedding ? 'list' : inferKind(values);
    return { name, index, kind, type: typeOf(kind, values) };
  });
  return { columns, sample };
}

async function* resumed(sample: readonly string[][], rest: AsyncIterable<string[]>) {
  yield* sample;
  yield* rest;
}

function schemaOf(columns: readonly CsvColumn[]): Schema {
  return new Schema<Record<string, DataType>>(columns.map(({ name, type }) => new Field(name, type, true)));
}

function batchOf(path: string, schema: Schema, columns: readonly CsvColumn[], records: readonly string[][], firstRow: number): RecordBatch {
  const children = columns.map((column) =>
    columnData(
      column,
      records.map((record) => record[column.index]),
      (row, message) => new UserError(`${path}, row ${firstRow + row}, column "${column.name}": ${message}`),
    ),
  );
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: records.length, nullCount: 0, children }));
}
