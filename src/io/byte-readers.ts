import type { ByteReader } from './arrow-messages.js';
import type { OpenFile } from './file.js';

/** A file from a position on, up to `end`. Small reads come out of one larger, larger ones straight from the file. */
export function fileBytes(file: OpenFile, start: number, end: number): ByteReader {
  let position = start;
  let ahead = new Uint8Array(0);
  let aheadAt = start;
  return {
    async read(target) {
      const length = Math.min(target.length, end - position);
      const into = target.subarray(0, length);
      if (length > WINDOW) {
        const got = await file.read(into, position);
        position += got;
        return got;
      }
      if (position < aheadAt || position + length > aheadAt + ahead.length) {
        ahead = new Uint8Array(Math.min(WINDOW, end - position));
        aheadAt = position;
        ahead = ahead.subarray(0, await file.read(ahead, position));
      }
      const from = ahead.subarray(position - aheadAt, position - aheadAt + length);
      into.set(from);
      position += from.length;
      return from.length;
    },
    async skip(length) {
      const skipped = Math.min(length, end - position);
      position += skipped;
      return skipped;
    },
  };
}

const WINDOW = 16384;

/** A stream of chunks (stdin). */
export function streamBytes(chunks: AsyncIterator<Uint8Array>): ByteReader {
  let chunk: Uint8Array = new Uint8Array(0);
  const more = async (): Promise<boolean> => {
    while (chunk.length === 0) {
      const next = await chunks.next();
      if (next.done) return false;
      chunk = next.value;
    }
    return true;
  };
  const take = async (length: number, each: (part: Uint8Array, at: number) => void): Promise<number> => {
    let done = 0;
    while (done < length && (await more())) {
      const part = chunk.subarray(0, length - done);
      each(part, done);
      done += part.length;
      chunk = chunk.subarray(part.length);
    }
    return done;
  };
  return {
    read: (target) => take(target.length, (part, at) => target.set(part, at)),
    skip: (length) => take(length, () => {}),
  };
}
