import { openAsBlob } from 'node:fs';
import type { ParquetFile, RecordBatch as WasmBatch } from 'parquet-wasm/node';
import { serve, Transfer } from '../runtime/thread.js';
import { parquetWasm } from './parquet-wasm.js';

export interface OpenedParquet {
  /** The schema as an Arrow IPC stream. */
  readonly schema: Uint8Array;
  readonly rows: number;
  /** For each row group the compressed bytes of each top-level column. */
  readonly groups: readonly Readonly<Record<string, number>>[];
}

export interface GroupRequest {
  readonly group: number;
  /** Rows of a batch. */
  readonly batchSize: number;
  /** By default all. */
  readonly columns?: readonly string[];
}

let file: ParquetFile | undefined;
let batches: ReadableStreamDefaultReader<WasmBatch> | undefined;

/*
 * Parquet is read in a thread, one file at a time: decoding then does not hold up the event loop, and damaged data at which parquet-wasm panics ends
 * the thread, not the process.
 */
serve({
  async open(path: string): Promise<OpenedParquet> {
    file = await parquetWasm().ParquetFile.fromFile(await openAsBlob(path));
    const metadata = file.metadata();
    const about = metadata.fileMetadata();
    const groups = metadata.rowGroups().map((group) => {
      const sizes: Record<string, number> = {};
      for (const column of group.columns()) {
        const [name] = column.columnPath();
        sizes[name] = (sizes[name] ?? 0) + column.compressedSize();
        column.free();
      }
      group.free();
      return sizes;
    });
    const rows = about.numRows();
    about.free();
    metadata.free();
    return { schema: file.schema().intoIPCStream(), rows, groups };
  },

  async start({ group, batchSize, columns }: GroupRequest): Promise<void> {
    const stream = await (file as ParquetFile).stream({ rowGroups: [group], batchSize, columns: columns && [...columns] });
    batches = stream.getReader();
  },

  /** @returns the next batch of the row group as an Arrow IPC stream; undefined behind the last */
  async next(): Promise<Transfer<Uint8Array> | undefined> {
    const next = await batches?.read();
    if (!next || next.done) return undefined;
    const bytes = next.value.intoIPCStream();
    return new Transfer(bytes, [bytes.buffer as ArrayBuffer]);
  },

  async close(): Promise<void> {
    // A batch that was read ahead is in WebAssembly's memory: the stream frees it.
    await batches?.cancel().catch(() => {});
    batches = undefined;
    file?.free();
    file = undefined;
  },
});
