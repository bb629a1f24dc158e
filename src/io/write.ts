import type { RecordBatch, Schema } from 'apache-arrow';
import { didYouMean, UserError } from '../data/errors.js';
import { type ByteSink, fileSink, streamSink } from './byte-sinks.js';
import type { Encoder } from './encoder.js';
import { plainColumns, schemaDifference } from './plain.js';
import { emptyBatch } from './source.js';
import { arrowFileEncoder, arrowStreamEncoder } from './write-arrow.js';
import { parquetEncoder } from './write-parquet.js';

export { assertWritable } from './byte-sinks.js';

/** Writes record batches one after the other with flat memory: await each write. Either `close` or `abort` ends it. */
export interface TableWriter {
  /** @throws UserError when the batch has another schema than the first, or the disk is full */
  write(batch: RecordBatch): Promise<void>;
  /** Finishes the file, which then appears under its name. @throws UserError when no batch came and no schema is known */
  close(): Promise<void>;
  /** Gives up: no file is left, and one that stood there before stays as it was. */
  abort(): Promise<void>;
}

type NewEncoder = (sink: ByteSink, schema: Schema) => Encoder;

const ENCODERS: Readonly<Record<string, NewEncoder>> = {
  '.arrow': arrowFileEncoder,
  '.feather': arrowFileEncoder,
  '.arrows': arrowStreamEncoder,
  '.parquet': parquetEncoder,
};

/**
 * A writer by the end of the name: `.arrow` and `.feather` (Arrow IPC file), `.arrows` (Arrow IPC stream), `.parquet`; `-` is an Arrow IPC stream on
 * stdout. A file is written under a temporary name in its folder. Dictionary columns are written as plain values: an Arrow file cannot hold
 * dictionaries that differ between batches.
 * @param options.schema the schema, where a table without any batch must be possible
 * @throws UserError for an ending that is not known
 */
export function createWriter(path: string, options: { schema?: Schema } = {}): TableWriter {
  const ending = path === '-' ? '.arrows' : Object.keys(ENCODERS).find((candidate) => path.toLowerCase().endsWith(candidate));
  if (ending === undefined) {
    const given = /\.[^./\\]+$/.exec(path)?.[0] ?? '';
    const known = Object.keys(ENCODERS);
    throw new UserError(`${path}: tables are written as ${known.join(', ')}${given ? didYouMean(given, known) : ''}`);
  }
  const sink = path === '-' ? streamSink() : fileSink(path);
  const name = path === '-' ? 'stdout' : path;
  let encoder: Encoder | undefined;
  let schema: Schema | undefined;
  let batches = 0;
  const write = async (batch: RecordBatch) => {
    const plain = plainColumns(batch);
    schema ??= plain.schema;
    const difference = schemaDifference(schema, plain.schema);
    if (difference) throw new UserError(`${name}: batch ${batches} does not fit those before: ${difference}`);
    encoder ??= ENCODERS[ending](sink, schema);
    await encoder.write(plain);
    batches++;
  };
  return {
    write,
    async close() {
      if (!encoder) {
        if (!options.schema) throw new UserError(`${name}: nothing to write: not one batch came`);
        await write(emptyBatch(options.schema));
      }
      await encoder?.finish();
      await sink.close();
    },
    async abort() {
      await encoder?.abandon();
      await sink.abort();
    },
  };
}
