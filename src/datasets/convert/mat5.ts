import { inflateSync } from 'node:zlib';
import { UserError } from '../../data/errors.js';

/** A value of a MATLAB file, in MATLAB's order: column by column. What is none of these (sparse, objects, functions) is `other`. */
export type MatValue =
  | { readonly kind: 'numbers'; readonly values: readonly number[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'cells'; readonly cells: readonly MatValue[] }
  | { readonly kind: 'structs'; readonly structs: readonly Readonly<Record<string, MatValue>>[] }
  | { readonly kind: 'other' };

/** The pieces that a file is made of. */
interface Element {
  readonly type: number;
  readonly bytes: DataView;
}

const HEADER = 128;
const [COMPRESSED, MATRIX, UTF8] = [15, 14, 16];
/** Data types by their numbers: size in bytes, and how one is read. */
const NUMBERS: Readonly<Record<number, readonly [size: number, read: (view: DataView, at: number, little: boolean) => number]>> = {
  1: [1, (view, at) => view.getInt8(at)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at, little) => view.getInt16(at, little)],
  4: [2, (view, at, little) => view.getUint16(at, little)],
  5: [4, (view, at, little) => view.getInt32(at, little)],
  6: [4, (view, at, little) => view.getUint32(at, little)],
  7: [4, (view, at, little) => view.getFloat32(at, little)],
  9: [8, (view, at, little) => view.getFloat64(at, little)],
  12: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  13: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
  17: [2, (view, at, little) => view.getUint16(at, little)],
};
/** Classes of arrays by their numbers; double, single and the integers stand between 6 and 15. */
const [CELL, STRUCT, CHAR] = [1, 2, 4];

/**
 * The variables of a MATLAB file of version 5 to 7 (MathWorks, "MAT-File Format", level 5), of either byte order, compressed or not.
 * @param source the file, for messages
 * @throws UserError for other files (version 7.3 is HDF5), and for damaged ones
 */
export function readMat(bytes: Uint8Array, source: string): Record<string, MatValue> {
  const text = Buffer.from(bytes.subarray(0, HEADER)).toString('latin1');
  if (text.startsWith('MATLAB 7.3')) throw new UserError(`${source}: a MATLAB file of version 7.3 is not read; save it with -v7`);
  const order = text.slice(126, 128);
  if (bytes.length < HEADER || (order !== 'IM' && order !== 'MI')) throw new UserError(`${source}: not a MATLAB file of version 5 to 7`);
  const reader = new Reader(order === 'IM');
  try {
    return Object.fromEntries(reader.variables(viewOf(bytes.subarray(HEADER))));
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && 'code' in error))
      throw new UserError(`${source}: damaged MATLAB file (${error.message})`);
    throw error;
  }
}

/** Reads beyond the end, of a DataView or by a length, are RangeErrors. */
class Reader {
  constructor(readonly little: boolean) {}

  *variables(view: DataView): Generator<[name: string, value: MatValue], void> {
    for (const element of this.#elements(view)) {
      if (element.type === COMPRESSED) yield* this.variables(viewOf(inflateSync(bytesOf(element.bytes))));
      else if (element.type === MATRIX) yield this.#matrix(element.bytes);
    }
  }

  *#elements(view: DataView): Generator<Element, void> {
    for (let at = 0; at < view.byteLength; ) {
      const tag = view.getUint32(at, this.little);
      // A small element has its length in the upper half of its tag, and its data in the other four bytes.
      const small = tag >>> 16 !== 0;
      const [type, length, start] = small ? [tag & 0xffff, tag >>> 16, at + 4] : [tag, view.getUint32(at + 4, this.little), at + 8];
      if (start + length > view.byteLength) throw new RangeError('it ends inside an element');
      yield { type, bytes: new DataView(view.buffer, view.byteOffset + start, length) };
      at = small ? at + 8 : start + (type === COMPRESSED ? length : Math.ceil(length / 8) * 8);
    }
  }

  #matrix(view: DataView): [name: string, value: MatValue] {
    // An empty matrix inside a cell or structure may have nothing at all.
    if (view.byteLength === 0) return ['', { kind: 'numbers', values: [] }];
    const parts = this.#elements(view);
    const next = () => {
      const { value, done } = parts.next();
      if (done) throw new RangeError('a matrix ends early');
      return value;
    };
    const type = this.#numbers(next())[0] & 0xff;
    const dims = this.#numbers(next());
    const name = latin1(next());
    const size = dims.reduce((product, n) => product * n, 1);
    const value = (): MatValue => this.#matrix(next().bytes)[1];
    // A damaged dimension or width must not make a list that no memory holds: every element of these takes a byte or more.
    const listed = type === CELL || type === STRUCT || type === CHAR;
    if (listed && (dims.some((n) => n < 0) || Math.max(size, dims[0]) > view.byteLength))
      throw new RangeError('a matrix has more elements than bytes');
    if (type === CELL) return [name, { kind: 'cells', cells: Array.from({ length: size }, value) }];
    if (type === STRUCT) {
      const [width] = this.#numbers(next());
      if (!(width > 0)) throw new RangeError('names of fields have no length');
      const packed = latin1(next());
      const names = Array.from({ length: packed.length / width }, (_, i) => packed.slice(i * width, (i + 1) * width).split('\0')[0]);
      return [
        name,
        { kind: 'structs', structs: Array.from({ length: size }, () => Object.fromEntries(names.map((field) => [field, value()]))) },
      ];
    }
    if (type === CHAR) return [name, { kind: 'text', text: textOf(this.#characters(next()), dims[0]) }];
    if (type >= 6 && type <= 15) return [name, { kind: 'numbers', values: this.#numbers(next()) }];
    return [name, { kind: 'other' }];
  }

  #numbers({ type, bytes }: Element): number[] {
    const [size, read] = NUMBERS[type] ?? [];
    if (!size || !read) throw new RangeError(`numbers of type ${type}`);
    return Array.from({ length: Math.floor(bytes.byteLength / size) }, (_, i) => read(bytes, i * size, this.little));
  }

  #characters(element: Element): string {
    if (element.type === UTF8) return Buffer.from(bytesOf(element.bytes)).toString('utf8');
    return this.#numbers(element)
      .map((code) => String.fromCharCode(code))
      .join('');
  }
}

/** Characters column by column as lines. */
function textOf(characters: string, rows: number): string {
  if (rows <= 1) return characters;
  return Array.from({ length: rows }, (_, row) => [...characters].filter((_, i) => i % rows === row).join('')).join('\n');
}

function latin1({ bytes }: Element): string {
  return Buffer.from(bytesOf(bytes)).toString('latin1');
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function bytesOf({ buffer, byteOffset, byteLength }: DataView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
