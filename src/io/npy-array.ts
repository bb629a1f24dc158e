import { UserError } from '../data/errors.js';
import { type OpenFile, openFile } from './file.js';
import { npyHeader } from './npy-header.js';

/** An open npy file: an array of any number of axes, in C order. */
export interface NpyArray {
  /** Type of the numbers as numpy writes it: `<f4`, `|u1`, ... */
  readonly type: string;
  readonly shape: readonly number[];
  /** The bytes of `count` numbers from the one at `first` on. @throws UserError when the file ends before them */
  read(first: number, count: number): Promise<ArrayBuffer>;
  close(): Promise<void>;
}

/** @throws UserError for what is not npy, truncated, in Fortran order, or no plain little-endian numbers or booleans */
export async function openNpyArray(path: string): Promise<NpyArray> {
  const file = await openFile(path);
  try {
    return await arrayOf(file);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function arrayOf(file: OpenFile): Promise<NpyArray> {
  const { path } = file;
  const { descr, shape, start } = await npyHeader(file);
  const [, type, width] = /^'([<|][fiub](\d))'$/.exec(descr) ?? [];
  if (!type) throw new UserError(`${path}: numbers of type ${descr}; give plain numbers, little-endian (array.astype('<f4'))`);
  const bytes = Number(width);
  const total = shape.reduce((product, side) => product * side, 1);
  if (file.size - start < total * bytes) {
    throw new UserError(`${path}: truncated: it should hold ${total} numbers, and holds ${Math.floor((file.size - start) / bytes)}`);
  }
  return {
    type,
    shape,
    async read(first, count) {
      const target = new Uint8Array(count * bytes);
      const got = await file.read(target, start + first * bytes);
      if (got < target.length) throw new UserError(`${path}: truncated while it was read`);
      return target.buffer;
    },
    close: () => file.close(),
  };
}
