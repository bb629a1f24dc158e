import { Message, type RecordBatchFileReader, RecordBatchReader } from 'apache-arrow';
import { UserError } from '../data/errors.js';
import { type ArrowMessage, readMessage } from './arrow-messages.js';
import { fileBytes } from './byte-readers.js';
import type { OpenFile } from './file.js';
import { checkFooter } from './flatbuffer-check.js';

const MAGIC = 'ARROW1';
/** The magic and padding in front, and the length of the footer and the magic behind it. */
const [HEAD, TAIL] = [8, 10];

/**
 * The messages of an Arrow IPC file as those of a stream: the schema, every dictionary, every record batch. They are found through the footer, because
 * polars writes dictionaries behind the batches that need them.
 * @throws UserError for a file that lost its end, or is damaged
 */
export async function* fileMessages(file: OpenFile, skipBodies: boolean): AsyncGenerator<ArrowMessage, void, undefined> {
  const footer = await readFooter(file);
  yield schemaMessage(footer);
  const blocks = [
    ...Array.from({ length: footer.numDictionaries }, (_, i) => footer.getDictionaryBatch(i)),
    ...Array.from({ length: footer.numRecordBatches }, (_, i) => footer.getRecordBatch(i)),
  ];
  for (const [index, block] of blocks.entries()) {
    const offset = block?.offset ?? -1;
    if (offset < HEAD || offset > file.size)
      throw new UserError(`${file.path}: damaged Arrow file: batch ${index} is said to stand at ${offset}`);
    const next = await readMessage({ bytes: fileBytes(file, offset, file.size), source: file.path, skipBodies }, index);
    if (next) yield next;
  }
}

type Footer = NonNullable<RecordBatchFileReader['footer']>;

async function readFooter(file: OpenFile): Promise<Footer> {
  const tail = new Uint8Array(TAIL);
  await file.read(tail, Math.max(0, file.size - TAIL));
  const length = new DataView(tail.buffer).getInt32(0, true);
  const start = file.size - TAIL - length;
  if (Buffer.from(tail.subarray(4)).toString('latin1') !== MAGIC || length <= 0 || start < HEAD) {
    throw new UserError(`${file.path}: truncated Arrow file: its footer is missing; was its writer stopped, or not closed?`);
  }
  // apache-arrow reads the footer of a file in memory: it gets one that has nothing else.
  const small = new Uint8Array(HEAD + length + TAIL);
  small.set(Buffer.from(MAGIC));
  await file.read(small.subarray(HEAD), start);
  const reader = RecordBatchReader.from(small);
  try {
    checkFooter(small.subarray(HEAD, HEAD + length));
    reader.open();
  } catch {
    // It looks for the dictionaries, too, which are not in the small file; the footer it has read by then.
  }
  if (reader.footer) return reader.footer;
  throw new UserError(`${file.path}: damaged Arrow file: its footer cannot be read`);
}

function schemaMessage({ schema }: Footer): ArrowMessage {
  const message = Message.from(schema);
  const metadata = Message.encode(message);
  const padded = Math.ceil(metadata.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded);
  new DataView(bytes.buffer).setInt32(0, -1, true);
  new DataView(bytes.buffer).setInt32(4, padded, true);
  bytes.set(metadata, 8);
  return { message, bytes };
}
