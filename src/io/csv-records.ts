import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { UserError } from '../data/errors.js';
import { firstLine } from './file.js';

/**
 * The records of a CSV or TSV file, the header first, as texts. Memory is flat; leaving early closes the file.
 * @throws UserError for a quote that is not closed, a record of another length than the header, and broken gzip data
 */
export async function* csvRecords(path: string): AsyncGenerator<string[], void, undefined> {
  const name = path.toLowerCase();
  const parser = parse({ bom: true, delimiter: /\.tsv(\.gz)?$/.test(name) ? '\t' : ',', relax_column_count: true, skip_empty_lines: true });
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  // Errors of every part reach the parser, and with it the loop.
  const parts: [Readable, ...NodeJS.ReadWriteStream[]] = name.endsWith('.gz') ? [file, createGunzip(), parser] : [file, parser];
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
