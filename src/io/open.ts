import { statSync } from 'node:fs';
import { didYouMean, UserError } from '../data/errors.js';
import { readArrow, readArrowStdin } from './arrow.js';
import { readCsv } from './csv.js';
import { readNpy } from './npy.js';
import { readParquet } from './parquet.js';
import type { ReadOptions, RecordBatchSource } from './source.js';

type Read = (path: string, options: ReadOptions) => RecordBatchSource;

/** The formats by the end of the file's name. An Arrow file and an Arrow stream are told apart by their first bytes. */
const FORMATS: Readonly<Record<string, Read>> = {
  '.parquet': readParquet,
  '.arrow': readArrow,
  '.arrows': readArrow,
  '.feather': readArrow,
  '.ipc': readArrow,
  '.csv': readCsv,
  '.csv.gz': readCsv,
  '.tsv': readCsv,
  '.tsv.gz': readCsv,
  '.npy': readNpy,
};

/**
 * Opens a table by the end of its name; `-` is an Arrow IPC stream on stdin. Nothing is read before `describe()` or the first batch.
 * @throws UserError for an ending that is not known; reading throws one for a missing, empty, damaged, truncated or mistaken file
 */
export function readTable(path: string, options: ReadOptions = {}): RecordBatchSource {
  if (path === '-') return readArrowStdin(options);
  const name = path.toLowerCase();
  const ending = Object.keys(FORMATS)
    .sort((a, b) => b.length - a.length)
    .find((candidate) => name.endsWith(candidate));
  if (ending === undefined) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new UserError(`${path}: is a directory; give a file`);
    const given = /\.[^./\\]+$/.exec(name)?.[0];
    const what = given === undefined ? 'its name has no ending that tells the format' : `"${given}" is no format we read`;
    throw new UserError(`${path}: ${what} (${Object.keys(FORMATS).join(', ')})${given ? didYouMean(given, Object.keys(FORMATS)) : ''}`);
  }
  return FORMATS[ending](path, options);
}
