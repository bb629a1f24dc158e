import { Message, MessageHeader } from 'apache-arrow';
import { firstLine, UserError } from '../data/errors.js';
import { checkMessage } from './flatbuffer-check.js';

/** A place to read bytes from, one after the other. */
export interface ByteReader {
  /** Fills `target`; returns the number of bytes that were there. */
  read(target: Uint8Array): Promise<number>;
  /** Passes over bytes; returns the number that were there. */
  skip(length: number): Promise<number>;
}

/** One message of Arrow IPC. */
export interface ArrowMessage {
  readonly message: Message;
  /** The whole message with its prefix and body, in a buffer of its own: buffers of the body are aligned in it. Absent when the body is skipped. */
  readonly bytes?: Uint8Array;
}

/** Where messages are read from. */
export interface MessagePlace {
  readonly bytes: ByteReader;
  /** The file, for errors. */
  readonly source: string;
  /** Pass over the bodies: only the headers are wanted. */
  readonly skipBodies?: boolean;
}

const CONTINUATION = -1;
/** Metadata is a few kilobytes; a larger number is damage. */
const MOST_METADATA = 2 ** 28;

/**
 * The messages of an Arrow IPC stream up to its end marker. apache-arrow takes the end of the bytes for the end of the stream, and so would
 * lose the rest of a truncated one without a word; here every length is checked.
 * @throws UserError when the bytes end before the end marker, or are no Arrow messages
 */
export async function* streamMessages(place: MessagePlace): AsyncGenerator<ArrowMessage, void, undefined> {
  for (let index = 0; ; index++) {
    const next = await readMessage(place, index);
    if (!next) return;
    if (index === 0 && next.message.headerType !== MessageHeader.Schema) {
      throw new UserError(`${place.source}: damaged Arrow data: no schema at the start`);
    }
    yield next;
  }
}

/** The message that begins here; undefined at the end marker. @throws UserError when the bytes end inside it, or are no message */
export async function readMessage({ bytes, source, skipBodies }: MessagePlace, index: number): Promise<ArrowMessage | undefined> {
  const prefix = new Uint8Array(8);
  const got = await bytes.read(prefix);
  const view = new DataView(prefix.buffer);
  if (got < 8) throw truncated(source, index, got === 0 ? 'there is no end-of-stream marker' : 'it ends inside a message');
  const length = view.getInt32(4, true);
  if (view.getInt32(0, true) !== CONTINUATION || length < 0 || length > MOST_METADATA) {
    throw new UserError(`${source}: damaged Arrow data: message ${index} does not begin as one`);
  }
  if (length === 0) return undefined;
  const metadata = new Uint8Array(length);
  if ((await bytes.read(metadata)) < length) throw truncated(source, index, 'it ends inside a message');
  const message = decode(metadata, source, index);
  if (skipBodies) {
    if ((await bytes.skip(message.bodyLength)) < message.bodyLength) throw truncated(source, index, 'it ends inside a batch');
    return { message };
  }
  const whole = new Uint8Array(8 + length + message.bodyLength);
  whole.set(prefix);
  whole.set(metadata, 8);
  if ((await bytes.read(whole.subarray(8 + length))) < message.bodyLength) throw truncated(source, index, 'it ends inside a batch');
  return { message, bytes: whole };
}

function decode(metadata: Uint8Array, source: string, index: number): Message {
  try {
    checkMessage(metadata);
    return Message.decode(metadata);
  } catch (error) {
    throw new UserError(`${source}: damaged Arrow data: message ${index} cannot be read (${firstLine(error)})`);
  }
}

function truncated(source: string, index: number, how: string): UserError {
  return new UserError(`${source}: truncated Arrow data: ${how} (after ${index} messages); was its writer stopped, or not closed?`);
}
