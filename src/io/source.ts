import { makeBuilder, makeData, RecordBatch, type Schema, Struct } from 'apache-arrow';
import { didYouMean, UserError } from '../data/errors.js';

/** How many rows a batch has where nothing else is said. */
export const DEFAULT_BATCH_ROWS = 4096;

export interface ReadOptions {
  /** The most rows of a batch (default 4096); larger batches of the file are sliced, sharing buffers. `Infinity` leaves the file's own batches. */
  readonly batchRows?: number;
  /** The columns to read, in the order of the file; by default all. */
  readonly columns?: readonly string[];
  /** CSV: the column that is read as a list of numbers whatever its values look like (default `embedding`). */
  readonly embedding?: string;
  /** CSV: every column as text, for a reader who tells types when all rows are seen (default: types from the first 1,000 rows). */
  readonly asText?: boolean;
}

/** What a table says of itself without its rows being read. */
export interface TableInfo {
  readonly schema: Schema;
  /** Number of rows, where the format knows it. */
  readonly rows?: number;
  /** Size of the file. */
  readonly bytes?: number;
}

/**
 * A table as a stream of record batches with flat memory. Files can be iterated again and again; stdin once.
 * A table without rows gives one empty batch, so that its columns are seen. Leaving the loop early frees everything.
 */
export interface RecordBatchSource extends AsyncIterable<RecordBatch> {
  /** The path, for messages. */
  readonly source: string;
  /** Reads the schema and, where it is cheap, the number of rows. @throws UserError as reading does */
  describe(): Promise<TableInfo>;
}

/** What a format has to know. */
export interface Format {
  describe(): Promise<TableInfo>;
  /** Batches of any size; every one has the columns asked for. */
  batches(): AsyncIterable<RecordBatch>;
}

/** A source from a format: describes once, slices, and lets an empty table be seen. */
export function recordBatchSource(source: string, options: ReadOptions, format: Format): RecordBatchSource {
  let info: Promise<TableInfo> | undefined;
  const describe = () => {
    info ??= format.describe();
    return info;
  };
  return {
    source,
    describe,
    async *[Symbol.asyncIterator]() {
      let empty = true;
      for await (const batch of format.batches()) {
        empty = false;
        yield* sliced(batch, options.batchRows ?? DEFAULT_BATCH_ROWS);
      }
      if (empty) yield emptyBatch((await describe()).schema);
    },
  };
}

function* sliced(batch: RecordBatch, rows: number): Generator<RecordBatch> {
  if (batch.numRows <= rows) yield batch;
  else for (let start = 0; start < batch.numRows; start += rows) yield batch.slice(start, Math.min(start + rows, batch.numRows));
}

/** A batch of no rows. */
export function emptyBatch(schema: Schema): RecordBatch {
  const children = schema.fields.map(({ type }) => makeBuilder({ type }).finish().toVector().data[0]);
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: 0, nullCount: 0, children }));
}

/** The names of `wanted` in the order of the file; all names when nothing is asked for. @throws UserError for a name that is not there */
export function projection(source: string, names: readonly string[], wanted: readonly string[] | undefined): readonly string[] {
  const missing = wanted?.find((name) => !names.includes(name));
  if (missing !== undefined) {
    throw new UserError(`${source}: no column "${missing}" (there are: ${names.join(', ')})${didYouMean(missing, names)}`);
  }
  return wanted ? names.filter((name) => wanted.includes(name)) : names;
}
