import { DataType, type RecordBatch, type Schema } from 'apache-arrow';
import type { RecordBatch as WasmBatch, WriterProperties } from 'parquet-wasm/node';
import type { ByteSink } from './byte-sinks.js';
import type { Encoder } from './encoder.js';
import { parquetWasm } from './parquet-wasm.js';
import { arrowStreamOf } from './write-arrow.js';

/** Encoded bytes after which a row group is written out: what bounds the memory. */
const ROW_GROUP_BYTES = 4 * 2 ** 20;

/**
 * A Parquet file, ZSTD-compressed, in row groups of about 4 MB. parquet-wasm turns a stream of batches into a stream of bytes and takes the next
 * batch when it wants one, so its pull is our back-pressure. Types come back as they are (`ARROW:schema`); the schema's metadata are key-values.
 */
export function parquetEncoder(sink: ByteSink, schema: Schema): Encoder {
  const { Table, transformParquetStream } = parquetWasm();
  let discarding = false;
  let failure: unknown;
  const input = new TransformStream<WasmBatch, WasmBatch>(undefined, { highWaterMark: 1 }, { highWaterMark: 0 });
  const batches = input.writable.getWriter();
  const written = (async () => {
    const output: ReadableStream<Uint8Array> = await transformParquetStream(input.readable, properties(schema));
    for await (const chunk of output as AsyncIterable<Uint8Array>) {
      if (discarding) continue;
      try {
        await sink.write([chunk]);
      } catch (error) {
        // The encoder must still be emptied to free its memory; the next write tells of the failure.
        discarding = true;
        failure = error;
      }
    }
  })();
  // Whoever awaits a write or the end is told; a failure before that must not count as unhandled.
  written.catch(() => {});
  const settled = async (step: Promise<void>) => {
    await Promise.race([step, written]);
    if (failure !== undefined) throw failure;
  };
  return {
    async write(batch) {
      for (const part of wasmBatches(Table, batch)) await settled(batches.ready.then(() => batches.write(part)));
    },
    async finish() {
      await batches.close();
      await written;
      if (failure !== undefined) throw failure;
    },
    async abandon() {
      discarding = true;
      await batches.close().catch(() => {});
      await written.catch(() => {});
    },
  };
}

function wasmBatches(Table: ReturnType<typeof parquetWasm>['Table'], batch: RecordBatch): WasmBatch[] {
  const table = Table.fromIPCStream(arrowStreamOf(batch));
  try {
    return table.recordBatches();
  } finally {
    table.free();
  }
}

function properties(schema: Schema): WriterProperties {
  const { Compression, WriterPropertiesBuilder } = parquetWasm();
  let builder = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setMaxRowGroupBytes(ROW_GROUP_BYTES)
    .setKeyValueMetadata(new Map(schema.metadata))
    // A dictionary of floats that are all different only costs.
    .setDictionaryEnabled(false);
  for (const { name, type } of schema.fields) {
    if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) builder = builder.setColumnDictionaryEnabled(name, true);
  }
  return builder.build();
}
