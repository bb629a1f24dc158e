import { RecordBatch as Batch, type DataType, type RecordBatch, Schema, tableFromIPC } from 'apache-arrow';
import { firstLine, UserError } from '../data/errors.js';
import type { Thread } from '../runtime/thread.js';
import { withFile } from './file.js';
import { withParquetThread } from './parquet-threads.js';
import type { GroupRequest, OpenedParquet } from './parquet-worker.js';
import { startsWith } from './sniff.js';
import { DEFAULT_BATCH_ROWS, projection, type ReadOptions, type RecordBatchSource, recordBatchSource, type TableInfo } from './source.js';

/** A row group takes about twice its size while it is read, of the 4 GiB that WebAssembly has. */
const MOST_ROW_GROUP = 1.9e9;

/**
 * Reads a Parquet file row group by row group, only the columns asked for, in a thread. The compressed row group and two batches are in memory at
 * a time. Types come back as they were written (`ARROW:schema`), with the key-values as metadata of the schema.
 */
export function readParquet(path: string, options: ReadOptions = {}): RecordBatchSource {
  const rows = options.batchRows ?? DEFAULT_BATCH_ROWS;
  const batchSize = Number.isFinite(rows) ? rows : DEFAULT_BATCH_ROWS;
  return recordBatchSource(path, options, {
    async describe() {
      const bytes = await check(path);
      for await (const info of withParquetThread((thread) => describe(thread, path, options))) return { ...info, bytes };
      throw new Error(`${path}: no description came`);
    },
    async *batches() {
      await check(path);
      yield* withParquetThread((thread) => batches(thread, path, batchSize, options));
    },
  });
}

async function* describe(thread: Thread, path: string, options: ReadOptions): AsyncGenerator<TableInfo> {
  const opened = await open(thread, path);
  yield { schema: columnsOf(path, opened, options).schema, rows: opened.rows };
}

async function* batches(thread: Thread, path: string, batchSize: number, options: ReadOptions): AsyncGenerator<RecordBatch> {
  const opened = await open(thread, path);
  const { schema, names } = columnsOf(path, opened, options);
  refuseHuge(path, opened, names);
  const columns = options.columns && names;
  for (let group = 0; group < opened.groups.length; group++) {
    const request: GroupRequest = { group, batchSize, columns };
    await guarded(path, () => thread.call('start', request));
    const ask = () => guarded(path, () => thread.call<Uint8Array | undefined>('next', undefined));
    let next = ask();
    for (let bytes = await next; bytes; bytes = await next) {
      // The thread decodes the next batch while this one is used.
      next = ask();
      next.catch(() => {});
      // Batches of the stream have lost the metadata of the file's schema.
      for (const batch of tableFromIPC(bytes).batches) yield new Batch(withMetadata(batch.schema, schema), batch.data);
    }
  }
}

function open(thread: Thread, path: string): Promise<OpenedParquet> {
  return guarded(path, () => thread.call<OpenedParquet>('open', path));
}

/** @returns the size @throws UserError for a file that is not Parquet or lost its end */
function check(path: string): Promise<number> {
  return withFile(path, async (file) => {
    const head = new Uint8Array(Math.min(32, file.size));
    await file.read(head, 0);
    const text = Buffer.from(head).toString('latin1');
    if (text.startsWith('PARE')) throw new UserError(`${path}: encrypted Parquet is not supported`);
    if (!text.startsWith('PAR1')) throw new UserError(`${path}: not a Parquet file (${startsWith(head)})`);
    const tail = new Uint8Array(4);
    await file.read(tail, Math.max(4, file.size - 4));
    if (Buffer.from(tail).toString('latin1') !== 'PAR1') {
      throw new UserError(`${path}: truncated Parquet file: its footer is missing; was its writer stopped, or not closed?`);
    }
    return file.size;
  });
}

/** Schema and names of the columns asked for. */
function columnsOf(path: string, opened: OpenedParquet, options: ReadOptions): { schema: Schema; names: readonly string[] } {
  const { schema } = tableFromIPC(opened.schema);
  const names = projection(
    path,
    schema.fields.map((field) => field.name),
    options.columns,
  );
  const wanted = schema.fields.filter((field) => names.includes(field.name));
  return { schema: new Schema<Record<string, DataType>>(wanted, schema.metadata), names };
}

function refuseHuge(path: string, { groups }: OpenedParquet, names: readonly string[]): void {
  for (const [i, sizes] of groups.entries()) {
    const bytes = names.reduce((sum, name) => sum + (sizes[name] ?? 0), 0);
    if (bytes > MOST_ROW_GROUP) {
      const size = `${(bytes / 1e9).toFixed(1)} GB`;
      throw new UserError(
        `${path}: row group ${i} takes ${size}, at most 1.9 GB fit; write it with smaller row groups (pyarrow: row_group_size=65536)`,
      );
    }
  }
}

function withMetadata(schema: Schema, of: Schema): Schema {
  return new Schema<Record<string, DataType>>(schema.fields, of.metadata, schema.dictionaries);
}

async function guarded<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: damaged Parquet data, or a type that is not supported (${firstLine(error)})`);
  }
}
