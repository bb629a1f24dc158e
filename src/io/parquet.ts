import { openAsBlob } from 'node:fs';
import { RecordBatch as Batch, type DataType, type RecordBatch, Schema, tableFromIPC } from 'apache-arrow';
import type { ParquetFile, RecordBatch as WasmBatch } from 'parquet-wasm/node';
import { UserError } from '../data/errors.js';
import { firstLine, withFile } from './file.js';
import { parquetWasm } from './parquet-wasm.js';
import { startsWith } from './sniff.js';
import { DEFAULT_BATCH_ROWS, projection, type ReadOptions, type RecordBatchSource, recordBatchSource } from './source.js';

/** A row group takes about twice its size while it is read, of the 4 GiB that WebAssembly has. */
const MOST_ROW_GROUP = 1.9e9;

/**
 * Reads a Parquet file row group by row group, only the columns asked for. The compressed row group and one batch are in memory at a time.
 * Types come back as they were written (`ARROW:schema`), with the key-values as metadata of the schema.
 */
export function readParquet(path: string, options: ReadOptions = {}): RecordBatchSource {
  return recordBatchSource(path, options, {
    describe: () =>
      open(path, async (file, bytes) => {
        const metadata = file.metadata();
        const about = metadata.fileMetadata();
        try {
          return { ...columnsOf(path, file, options), rows: about.numRows(), bytes };
        } finally {
          about.free();
          metadata.free();
        }
      }),
    async *batches() {
      await check(path);
      const file = await guarded(path, () => parquetFile(path));
      try {
        const { schema, names } = columnsOf(path, file, options);
        const rows = options.batchRows ?? DEFAULT_BATCH_ROWS;
        const batchSize = Number.isFinite(rows) ? rows : DEFAULT_BATCH_ROWS;
        const columns = options.columns && [...names];
        for (const group of rowGroups(path, file, names)) {
          yield* batchesOf(path, file, schema, { rowGroups: [group], batchSize, columns });
        }
      } finally {
        file.free();
      }
    },
  });
}

async function open<T>(path: string, use: (file: ParquetFile, bytes: number) => Promise<T>): Promise<T> {
  const bytes = await check(path);
  const file = await guarded(path, () => parquetFile(path));
  try {
    return await use(file, bytes);
  } finally {
    file.free();
  }
}

async function parquetFile(path: string): Promise<ParquetFile> {
  return parquetWasm().ParquetFile.fromFile(await openAsBlob(path));
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
function columnsOf(path: string, file: ParquetFile, options: ReadOptions): { schema: Schema; names: readonly string[] } {
  const { schema } = tableFromIPC(file.schema().intoIPCStream());
  const names = projection(
    path,
    schema.fields.map((field) => field.name),
    options.columns,
  );
  const wanted = schema.fields.filter((field) => names.includes(field.name));
  return { schema: new Schema<Record<string, DataType>>(wanted, schema.metadata), names };
}

function rowGroups(path: string, file: ParquetFile, names: readonly string[]): number[] {
  const metadata = file.metadata();
  try {
    return metadata.rowGroups().map((group, i) => {
      let bytes = 0;
      for (const column of group.columns()) {
        if (names.includes(column.columnPath()[0])) bytes += column.compressedSize();
        column.free();
      }
      group.free();
      if (bytes > MOST_ROW_GROUP) {
        const size = `${(bytes / 1e9).toFixed(1)} GB`;
        throw new UserError(
          `${path}: row group ${i} takes ${size}, at most 1.9 GB fit; write it with smaller row groups (pyarrow: row_group_size=65536)`,
        );
      }
      return i;
    });
  } finally {
    metadata.free();
  }
}

type StreamOptions = { rowGroups: number[]; batchSize: number; columns?: string[] };

async function* batchesOf(path: string, file: ParquetFile, schema: Schema, options: StreamOptions): AsyncGenerator<RecordBatch> {
  const stream = await guarded(path, () => file.stream(options));
  const reader: ReadableStreamDefaultReader<WasmBatch> = stream.getReader();
  try {
    for (;;) {
      const next = await guarded(path, () => reader.read());
      if (next.done) return;
      // Batches of the stream have lost the metadata of the file's schema.
      for (const batch of tableFromIPC(next.value.intoIPCStream()).batches) yield new Batch(withMetadata(batch.schema, schema), batch.data);
    }
  } finally {
    // A batch that was read ahead is in WebAssembly's memory: the stream frees it.
    await reader.cancel().catch(() => {});
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
