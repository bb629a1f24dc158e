import {
  AsyncByteQueue,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  type RecordBatchWriter,
  type Schema,
} from 'apache-arrow';
import type { ByteSink } from './byte-sinks.js';
import type { Encoder } from './encoder.js';

/** An Arrow IPC file (also known as Feather version 2): can be read from any batch on. */
export function arrowFileEncoder(sink: ByteSink, schema: Schema): Encoder {
  return encoder(new RecordBatchFileWriter(), sink, schema);
}

/** An Arrow IPC stream: can be read from a pipe. */
export function arrowStreamEncoder(sink: ByteSink, schema: Schema): Encoder {
  return encoder(new RecordBatchStreamWriter(), sink, schema);
}

/**
 * Keeps what apache-arrow's writer gives it until it is taken. The writer is synchronous, and its own queue cannot tell when it has run dry; besides,
 * the queue joins chunks that lie over each other in one buffer (offsets that two list columns share) as if they had been written once.
 */
class Chunks extends AsyncByteQueue {
  #chunks: Uint8Array[] = [];

  override write(chunk: Parameters<AsyncByteQueue['write']>[0]): void {
    if (chunk instanceof Uint8Array) this.#chunks.push(chunk);
    else throw new TypeError('apache-arrow writes Uint8Arrays');
  }

  take(): Uint8Array[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }
}

/** One batch as an Arrow IPC stream. */
export function arrowStreamOf(batch: RecordBatch): Uint8Array {
  const chunks = new Chunks();
  const writer = new RecordBatchStreamWriter();
  writer.reset(chunks, batch.schema);
  writer.write(batch);
  writer.finish();
  return Buffer.concat(chunks.take());
}

function encoder(writer: RecordBatchWriter, sink: ByteSink, schema: Schema): Encoder {
  const chunks = new Chunks();
  writer.reset(chunks, schema);
  return {
    async write(batch) {
      // The first batch's schema object serves all: apache-arrow begins a new stream where schemas only look different.
      writer.write(new RecordBatch(schema, batch.data));
      await sink.write(chunks.take());
    },
    async finish() {
      writer.finish();
      await sink.write(chunks.take());
    },
    abandon: async () => {},
  };
}
