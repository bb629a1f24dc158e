import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { UserError } from '../../data/errors.js';
import { fileSink, streamSink } from '../byte-sinks.js';

const compress = promisify(gzip);
/** Characters that are written, and compressed, at a time. */
const BLOCK = 1 << 20;

/** Takes the lines of a text file, with their line feeds. */
export interface LineWriter {
  write(line: string): Promise<void>;
}

/**
 * Writes a text file: whole under its name, or not at all. A name that ends with `.gz` is compressed, in members one after the other, as gzip allows;
 * `-` is stdout.
 */
export async function writeLines(path: string, lines: (writer: LineWriter) => Promise<void>): Promise<void> {
  const sink = path === '-' ? streamSink() : fileSink(path);
  const compressed = path.toLowerCase().endsWith('.gz');
  let parts: string[] = [];
  let length = 0;
  const flush = async () => {
    const bytes = Buffer.from(parts.join(''));
    parts = [];
    length = 0;
    await sink.write([compressed ? await compress(bytes) : bytes]);
  };
  try {
    await lines({
      async write(line) {
        parts.push(line);
        length += line.length;
        if (length >= BLOCK) await flush();
      },
    });
    await flush();
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

/** @throws UserError for an id that a TREC file cannot hold: it would be read as two columns, as none, or as a comment */
export function assertTrecId(id: string, what: string, path: string): void {
  const problem = id === '' ? 'is empty' : /[\t-\r ]/.test(id) ? 'has a blank in it' : undefined;
  if (problem) throw new UserError(`${path}: ${what} "${id}" ${problem}, which the TREC format cannot hold`);
  if (what === 'query id' && id.startsWith('#')) throw new UserError(`${path}: ${what} "${id}" would make its line a comment`);
}
