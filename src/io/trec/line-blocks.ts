import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { firstLine, UserError } from '../../data/errors.js';
import { withFile } from '../file.js';

const LF = 10;
const GZIP = [0x1f, 0x8b];

/**
 * A text file as blocks of whole lines: every block ends with a line feed, which the last line gets if it has none. Gzip is known by its first two
 * bytes; `-` is text on stdin.
 * @param chunkBytes how much is read at a time; the lines do not depend on it, only where they are cut into blocks
 * @throws UserError for a file that cannot be read, is empty, or is broken gzip data
 */
export async function* lineBlocks(path: string, chunkBytes = 1 << 20): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = path === '-' ? process.stdin : await openChunks(path, chunkBytes);
  const waiting: Uint8Array[] = [];
  const block = (last: Uint8Array) => (waiting.length === 0 ? last : Buffer.concat([...waiting.splice(0), last]));
  try {
    for await (const chunk of chunks as AsyncIterable<Uint8Array>) {
      const end = chunk.lastIndexOf(LF) + 1;
      if (end > 0) yield block(chunk.subarray(0, end));
      if (end < chunk.length) waiting.push(chunk.subarray(end));
    }
  } catch (error) {
    throw error instanceof UserError ? error : new UserError(`${path}: broken file (${firstLine(error)})`);
  } finally {
    chunks.destroy();
  }
  if (waiting.length > 0) yield block(Uint8Array.of(LF));
}

async function openChunks(path: string, chunkBytes: number): Promise<Readable> {
  const head = new Uint8Array(GZIP.length);
  await withFile(path, (file) => file.read(head, 0));
  const file = createReadStream(path, { highWaterMark: chunkBytes });
  if (!GZIP.every((byte, i) => head[i] === byte)) return file;
  // Errors of the file reach the inflater, and leaving the inflater closes the file.
  return pipeline(file, createGunzip({ chunkSize: Math.max(chunkBytes, 64) }), () => {});
}
