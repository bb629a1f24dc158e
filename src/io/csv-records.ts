import { createReadStream } from 'node:fs';
import { pipeline, type Readable, Transform } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { firstLine, UserError } from '../data/errors.js';
import { excerpt } from '../data/escape.js';

/** What stands between the values of a file, by its name. */
export function delimiterOf(path: string): string {
  return /\.tsv(\.gz)?$/i.test(path) ? '\t' : ',';
}

/**
 * The records of a CSV or TSV file, the header first, as texts. Memory is flat; leaving early closes the file.
 * @throws UserError for a quote that is not closed, a record of another length than the header, what is not UTF-8, and broken gzip data
 */
export async function* csvRecords(path: string): AsyncGenerator<string[], void, undefined> {
  const parser = parse({ bom: true, delimiter: delimiterOf(path), relax_column_count: true, skip_empty_lines: true });
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  // Errors of every part reach the parser, and with it the loop.
  const parts: [Readable, ...NodeJS.ReadWriteStream[]] = path.toLowerCase().endsWith('.gz')
    ? [file, createGunzip(), utf8(path), parser]
    : [file, utf8(path), parser];
  pipeline(parts, () => {});
  let row = -1;
  let width = 0;
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (row < 0) width = record.length;
      else if (record.length !== width)
        throw new UserError(`${path}, row ${row}: ${record.length} values, but the header names ${width} columns`);
      row++;
      yield record;
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const where = row < 0 ? path : `${path}, row ${row}`;
    if (error instanceof CsvError) throw new UserError(`${where}: broken CSV (${firstLine(error)})`);
    throw new UserError(`${where}: broken file (${firstLine(error)})`);
  } finally {
    file.destroy();
    parser.destroy();
  }
}

/** Passes UTF-8 on, and nothing else: what other encodings mean would be guessed, and lost. */
function utf8(path: string): Transform {
  const strict = new TextDecoder('utf-8', { fatal: true });
  const shown = new StringDecoder('utf8');
  const refused = (text: string) => {
    const at = text.indexOf('\ufffd');
    const near = text.slice(text.lastIndexOf('\n', at) + 1).split(/\r?\n/)[0];
    return new UserError(`${path}: is not UTF-8 (near ${JSON.stringify(excerpt(near, 60))}); save it in that encoding`);
  };
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const text = shown.write(chunk);
      try {
        strict.decode(chunk, { stream: true });
      } catch {
        return done(refused(text));
      }
      done(null, chunk);
    },
    flush(done) {
      // A character that is cut is left over.
      const text = shown.end();
      done(text === '' ? null : refused(text));
    },
  });
}
