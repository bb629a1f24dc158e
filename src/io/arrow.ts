import { type RecordBatch, RecordBatchReader, type Schema } from 'apache-arrow';
import { firstLine, UserError } from '../data/errors.js';
import { registerCodecs } from './arrow-codecs.js';
import { fileMessages } from './arrow-file.js';
import { type ArrowMessage, type ByteReader, streamMessages } from './arrow-messages.js';
import { checkBatch } from './batch-check.js';
import { fileBytes, streamBytes } from './byte-readers.js';
import { type OpenFile, openFile, withFile } from './file.js';
import { startsWith } from './sniff.js';
import { projection, type ReadOptions, type RecordBatchSource, recordBatchSource, type TableInfo } from './source.js';

const MAGIC = 'ARROW1';

/**
 * Reads an Arrow IPC file (Feather version 2) or an Arrow IPC stream, told apart by the first bytes. One record batch of the file is in memory at a
 * time. Buffers compressed with LZ4 or ZSTD are decoded. The number of rows comes from the batches' headers; their bodies are passed over.
 */
export function readArrow(path: string, options: ReadOptions = {}): RecordBatchSource {
  return recordBatchSource(path, options, {
    describe: () => withFile(path, async (file) => ({ ...(await walk(await messagesOf(file, true), path, options)), bytes: file.size })),
    async *batches() {
      const file = await openFile(path);
      try {
        yield* decoded(await messagesOf(file, false), path, options);
      } finally {
        await file.close();
      }
    },
  });
}

/** Reads an Arrow IPC stream from stdin, once. `describe()` knows the schema, which stands before the first batch. */
export function readArrowStdin(options: ReadOptions = {}, input: AsyncIterable<Uint8Array> = process.stdin): RecordBatchSource {
  const source = 'stdin';
  let first: Promise<{ messages: AsyncGenerator<ArrowMessage>; head: ArrowMessage }> | undefined;
  let taken = false;
  const begin = () => {
    first ??= (async () => {
      const bytes = await streamStart(streamBytes(input[Symbol.asyncIterator]()), source);
      const messages = streamMessages({ bytes, source });
      const head = await messages.next();
      if (head.done) throw new UserError(`${source}: an Arrow stream without a schema`);
      return { messages, head: head.value };
    })();
    return first;
  };
  return recordBatchSource(source, options, {
    async describe() {
      const { head } = await begin();
      return { schema: projected(source, head.message.header() as unknown as Schema, options) };
    },
    async *batches() {
      if (taken) throw new UserError('stdin can be read only once; give a file where the table is read twice');
      taken = true;
      const { messages, head } = await begin();
      yield* decoded(resumed(head, messages), source, options);
    },
  });
}

async function* resumed(head: ArrowMessage, rest: AsyncGenerator<ArrowMessage>) {
  yield head;
  yield* rest;
}

/** Checks an empty or mistaken stdin before the first message is read, and gives the bytes back whole. */
async function streamStart(bytes: ByteReader, source: string): Promise<ByteReader> {
  const head = new Uint8Array(8);
  const got = await bytes.read(head);
  if (got === 0) throw new UserError(`${source}: nothing came; an Arrow IPC stream is expected`);
  if (Buffer.from(head).toString('latin1').startsWith(MAGIC)) {
    throw new UserError(
      `${source}: this is an Arrow IPC file, which cannot be read from a pipe; give its path, or send an Arrow IPC stream`,
    );
  }
  if (new DataView(head.buffer).getInt32(0, true) !== -1)
    throw new UserError(`${source}: not an Arrow stream (${startsWith(head.subarray(0, got))})`);
  let given = 0;
  return {
    async read(target) {
      const part = head.subarray(given, Math.min(got, given + target.length));
      target.set(part);
      given += part.length;
      return part.length + (await bytes.read(target.subarray(part.length)));
    },
    skip: (length) => bytes.skip(length),
  };
}

/** The messages of a file of either kind. @throws UserError for a file that is not Arrow */
async function messagesOf(file: OpenFile, skipBodies: boolean): Promise<AsyncGenerator<ArrowMessage>> {
  const head = new Uint8Array(Math.min(file.size, 32));
  await file.read(head, 0);
  const text = Buffer.from(head).toString('latin1');
  if (text.startsWith(MAGIC)) return fileMessages(file, skipBodies);
  if (text.startsWith('\xff\xff\xff\xff')) return streamMessages({ bytes: fileBytes(file, 0, file.size), source: file.path, skipBodies });
  const why = text.startsWith('FEA1') ? 'it is Feather version 1; write version 2' : startsWith(head);
  throw new UserError(`${file.path}: not an Arrow file or stream (${why})`);
}

async function walk(messages: AsyncIterable<ArrowMessage>, source: string, options: ReadOptions): Promise<TableInfo> {
  let schema: Schema | undefined;
  let rows = 0;
  for await (const { message } of messages) {
    if (message.isSchema()) schema = message.header() as unknown as Schema;
    else if (message.isRecordBatch()) rows += message.header().length;
  }
  if (!schema) throw new UserError(`${source}: Arrow data without a schema`);
  return { schema: projected(source, schema, options), rows };
}

async function* decoded(messages: AsyncIterable<ArrowMessage>, source: string, options: ReadOptions): AsyncGenerator<RecordBatch> {
  registerCodecs();
  const reader = await guarded(source, async () => (await RecordBatchReader.from(bodies(messages))).open());
  for (;;) {
    const next = await guarded(source, async () => {
      const result = await reader.next();
      if (!result.done) checkBatch(result.value);
      return result;
    });
    if (next.done) return;
    const batch: RecordBatch = next.value;
    if (!options.columns) yield batch;
    else {
      const names = batch.schema.fields.map((field) => field.name);
      yield batch.select([...projection(source, names, options.columns)]) as RecordBatch;
    }
  }
}

async function* bodies(messages: AsyncIterable<ArrowMessage>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of messages) if (bytes) yield bytes;
}

async function guarded<T>(source: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${source}: damaged Arrow data, or a type that is not supported (${firstLine(error)})`);
  }
}

function projected(source: string, schema: Schema, options: ReadOptions): Schema {
  return schema.select([...projection(source, schema.names as string[], options.columns)]) as Schema;
}
