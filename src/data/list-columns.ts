import { type Data, DataType, type Vector } from 'apache-arrow';
import { halfToFloat, type Place } from './embeddings-column.js';
import { UserError } from './errors.js';
import { concatLists, type Lists, packLists } from './lists.js';

export type ListPlace = Place;

type Numbers = Int32Array | Float32Array;
/** Numbers [start, start + length) of a column; `fail` explains what is wrong with the one at a position from `start` on. */
interface Convert<T extends Numbers> {
  (values: Data, start: number, length: number, fail: (at: number, message: string) => Error): T;
  readonly make: new (length: number) => T;
}

/**
 * The lists of a List, LargeList or FixedSizeList column, sharing its buffers where types agree. A null list is an empty one.
 * @throws UserError naming row and column for a column that is no list, and what `convert` refuses
 */
export function intoLists<T extends Numbers>(column: Vector, convert: Convert<T>, place: ListPlace): Lists<T> {
  if (DataType.isNull(column.type)) return { offsets: new Int32Array(column.length + 1), values: new convert.make(0) };
  const { type } = column;
  if (!DataType.isList(type) && !DataType.isLargeList(type) && !DataType.isFixedSizeList(type)) {
    throw new UserError(`${place.source}, column "${place.column}": ${type} where lists of numbers are expected`);
  }
  const parts: Lists<T>[] = [];
  let firstRow = place.firstRow;
  for (const data of column.data) {
    parts.push(chunkLists(data, convert, { ...place, firstRow }));
    firstRow += data.length;
  }
  return parts.length === 1 ? parts[0] : concatLists(parts, convert.make);
}

function chunkLists<T extends Numbers>(data: Data, convert: Convert<T>, place: ListPlace): Lists<T> {
  // The empty batch that stands for a file without batches has lists without a child.
  if (data.length === 0) return { offsets: new Int32Array(1), values: new convert.make(0) };
  const [child] = data.children;
  const offsets = offsetsOf(data);
  const fail = (row: number, element: number, message: string) =>
    new UserError(`${place.source}, row ${place.firstRow + row}, column "${place.column}": element ${element} is ${message}`);
  if (data.nullCount > 0) {
    // What stands under a null list is anything: only the others are looked at.
    const lists = Array.from({ length: data.length }, (_, row) =>
      data.getValid(row)
        ? convert(child, offsets[row], offsets[row + 1] - offsets[row], (at, message) => fail(row, at, message))
        : new convert.make(0),
    );
    return packLists(lists, convert.make);
  }
  const start = offsets[0];
  const values = convert(child, start, offsets[data.length] - start, (at, message) => {
    const row = offsets.findLastIndex((offset) => offset <= start + at);
    return fail(row, start + at - offsets[row], message);
  });
  return { offsets: start === 0 ? offsets : offsets.map((offset) => offset - start), values };
}

function offsetsOf(data: Data): Int32Array {
  if (DataType.isFixedSizeList(data.type)) {
    const { listSize } = data.type;
    return Int32Array.from({ length: data.length + 1 }, (_, i) => i * listSize);
  }
  const offsets = data.valueOffsets as unknown as Int32Array | BigInt64Array;
  return offsets instanceof Int32Array
    ? offsets.subarray(0, data.length + 1)
    : Int32Array.from(offsets.subarray(0, data.length + 1), Number);
}

/** Gallery rows. Integers of any width, and floats that are integers. */
export const intoInts: Convert<Int32Array> = Object.assign(
  (values: Data, start: number, length: number, fail: (at: number, message: string) => Error) => {
    const read = reader(values, start, length, fail);
    const same = values.values instanceof Int32Array && DataType.isInt(values.type);
    const out = same ? (values.values as Int32Array).subarray(start, start + length) : new Int32Array(length);
    for (let i = 0; i < length; i++) {
      const value = read(i);
      if (!(value >= 0 && value <= 0x7fffffff && Number.isInteger(value))) throw fail(i, `${text(value)}; gallery rows are 0, 1, 2, ...`);
      if (!same) out[i] = value;
    }
    return out;
  },
  { make: Int32Array },
);

/** Finite float32 numbers, from floats and integers of any width. */
export const intoFloats: Convert<Float32Array> = Object.assign(
  (values: Data, start: number, length: number, fail: (at: number, message: string) => Error) => {
    const read = reader(values, start, length, fail);
    const out = floatsOf(values, start, length, read);
    for (let i = 0; i < length; i++) if (out[i] - out[i] !== 0) throw fail(i, notFinite(read(i)));
    return out;
  },
  { make: Float32Array },
);

/** Finite float32 numbers, NaN and null being NaN: unjudged. */
export const intoGains: Convert<Float32Array> = Object.assign(
  (values: Data, start: number, length: number, fail: (at: number, message: string) => Error) => {
    const read = reader(values, start, length, fail);
    const out = values.nullCount > 0 ? Float32Array.from({ length }, (_, i) => read(i)) : floatsOf(values, start, length, read);
    for (let i = 0; i < length; i++) if (Math.abs(out[i]) === Number.POSITIVE_INFINITY) throw fail(i, notFinite(read(i)));
    return out;
  },
  { make: Float32Array },
);

function floatsOf(values: Data, start: number, length: number, read: (at: number) => number): Float32Array {
  if (values.values instanceof Float32Array && values.nullCount === 0) return values.values.subarray(start, start + length);
  return Float32Array.from({ length }, (_, i) => read(i));
}

function notFinite(value: number): string {
  return Number.isFinite(value) ? `${value} (beyond float32)` : `${text(value)}; it must be finite`;
}

/** Null reads as NaN: no caller takes it for a number that counts. */
function reader(data: Data, start: number, length: number, fail: (at: number, message: string) => Error): (at: number) => number {
  const { type } = data;
  const nulls = data.nullCount > 0;
  const valid = (at: number) => !nulls || data.getValid(start + at);
  if (DataType.isNull(type)) return () => Number.NaN;
  if (DataType.isFloat(type) && type.precision === 0) {
    const halves = data.values as Uint16Array;
    return (at) => (valid(at) ? halfToFloat(halves[start + at]) : Number.NaN);
  }
  if (DataType.isFloat(type) || DataType.isInt(type)) {
    const values = data.values as ArrayLike<number | bigint>;
    return (at) => (valid(at) ? Number(values[start + at]) : Number.NaN);
  }
  if (length === 0) return () => Number.NaN;
  throw fail(0, `of type ${type}, which is no number`);
}

function text(value: number): string {
  return Number.isNaN(value) ? 'null or NaN' : String(value);
}

/**
 * A column of row numbers or counts, sharing its buffer where it is uint32.
 * @throws UserError naming row and column for a null, and for what is no integer from 0 to 2^32 - 1
 */
export function intoRows(column: Vector, place: ListPlace): Uint32Array {
  const { type } = column;
  if (!DataType.isInt(type) && !DataType.isFloat(type)) {
    throw new UserError(`${place.source}, column "${place.column}": ${type} where row numbers are expected`);
  }
  const [only] = column.data;
  if (column.data.length === 1 && column.nullCount === 0 && only.values instanceof Uint32Array)
    return only.values.subarray(0, column.length);
  return Uint32Array.from({ length: column.length }, (_, i) => {
    const value = column.get(i);
    const row = value === null ? Number.NaN : Number(value);
    if (!(Number.isInteger(row) && row >= 0 && row <= 0xffffffff)) {
      throw new UserError(
        `${place.source}, row ${place.firstRow + i}, column "${place.column}": ${value} where a number 0, 1, 2, ... is expected`,
      );
    }
    return row;
  });
}
