import { UserError } from '../data/errors.js';
import type { OpenFile } from './file.js';
import { startsWith } from './sniff.js';

/** What an npy file says of its array (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). */
export interface NpyHeader {
  /** Type of the numbers as it stands in the file: `'<f4'`, or the list of a structured type. */
  readonly descr: string;
  readonly shape: readonly number[];
  /** Position of the first number. */
  readonly start: number;
}

/** @throws UserError for what is not npy (format 1 to 3), damaged, or in Fortran order */
export async function npyHeader(file: OpenFile): Promise<NpyHeader> {
  const { path } = file;
  const { text, start } = await header(file);
  const descr = /'descr':\s*('[^']*'|\[.*\])/.exec(text)?.[1];
  const sides = /'shape':\s*\(([^)]*)\)/
    .exec(text)?.[1]
    .split(',')
    .filter((part) => part.trim() !== '');
  if (/'fortran_order':\s*True/.test(text))
    throw new UserError(`${path}: the array is in Fortran order; save numpy.ascontiguousarray(array)`);
  // Number() alone would read "-5", "0x5" and "5e3" too, which numpy never writes: damage.
  const shape = sides?.map((side) => (/^\s*\d+\s*$/.test(side) ? Number(side) : Number.NaN));
  if (!descr || !shape?.every(Number.isSafeInteger)) throw new UserError(`${path}: damaged npy header`);
  return { descr, shape, start };
}

async function header(file: OpenFile): Promise<{ text: string; start: number }> {
  const head = new Uint8Array(12);
  const got = await file.read(head, 0);
  const bytes = Buffer.from(head.buffer);
  if (bytes.toString('latin1', 0, 6) !== '\x93NUMPY')
    throw new UserError(`${file.path}: not an npy file (${startsWith(head.subarray(0, got))})`);
  const version = bytes[6];
  if (version < 1 || version > 3)
    throw new UserError(`${file.path}: npy format version ${version} is not supported; save it with a current numpy`);
  const at = version === 1 ? 10 : 12;
  const length = version === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  if (at + length > file.size) throw new UserError(`${file.path}: truncated in the npy header`);
  const text = new Uint8Array(length);
  await file.read(text, at);
  return { text: Buffer.from(text.buffer).toString(version === 3 ? 'utf8' : 'latin1'), start: at + length };
}
