import { DataType, Field, FixedSizeList, Float32, makeData, makeVector, type Vector } from 'apache-arrow';
import { UserError } from './errors.js';
import type { Matrix } from './matrix.js';

/** Where a value stands, for messages: the file (or stream), the name of the column, the file's row of the column's first value. */
export interface Place {
  readonly source: string;
  readonly column: string;
  readonly firstRow: number;
}

/**
 * The vectors of a list column as one contiguous float32 matrix; zero-copy for FixedSizeList<Float32> in one chunk.
 * List, LargeList, Float16, Float64 and integer values are converted.
 * @param dim the dimension to demand; by default the first list's length
 * @throws UserError naming the row: null, ragged, NaN, infinite, or a double beyond float32
 */
export function readEmbeddings(column: Vector, place: Place, dim?: number): Matrix {
  if (DataType.isNull(column.type) && column.length > 0) throw at(place, 0, 'the embedding is null');
  if (!DataType.isFixedSizeList(column.type) && !DataType.isList(column.type) && !DataType.isLargeList(column.type)) {
    if (column.length === 0) return { data: new Float32Array(0), rows: 0, dim: dim ?? 0 };
    throw new UserError(`${place.source}, column "${place.column}": embeddings must be lists of numbers, not ${column.type}`);
  }
  const chunks: Matrix[] = [];
  let row = 0;
  for (const data of column.data) {
    if (data.length === 0) continue;
    if (data.nullCount > 0) {
      for (let i = 0; i < data.length; i++) if (!data.getValid(i)) throw at(place, row + i, 'the embedding is null');
    }
    const child = data.children[0];
    const { width, start } = listLayout(data, dim, (i, message) => at(place, row + i, message));
    dim = width;
    if (width === 0) throw at(place, row, 'the embedding is empty');
    if (child.nullCount > 0) {
      for (let i = 0; i < data.length * width; i++) {
        if (!child.getValid(start + i)) throw at(place, row + Math.floor(i / width), `element ${i % width} of the embedding is null`);
      }
    }
    const values = floats(child.type, child.values as ArrayLike<number>, start, data.length * width, place);
    checkFinite(values, child, start, width, (i, message) => at(place, row + i, message));
    chunks.push({ data: values, rows: data.length, dim: width });
    row += data.length;
  }
  if (chunks.length === 1) return chunks[0];
  const joined = new Float32Array(row * (dim ?? 0));
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk.data, offset);
    offset += chunk.data.length;
  }
  return { data: joined, rows: row, dim: dim ?? 0 };
}

/** Vectors as a FixedSizeList<Float32> column, sharing their buffer: what tables of embeddings are written with. */
export function embeddingColumn({ data, rows, dim }: Matrix): Vector<FixedSizeList<Float32>> {
  const type = new FixedSizeList(dim, new Field('item', new Float32(), false));
  return makeVector(makeData({ type, length: rows, nullCount: 0, child: makeData({ type: new Float32(), data }) }));
}

function at(place: Place, row: number, message: string): UserError {
  return new UserError(`${place.source}, row ${place.firstRow + row}, column "${place.column}": ${message}`);
}

type Fail = (row: number, message: string) => UserError;

function listLayout(data: Vector['data'][number], dim: number | undefined, fail: Fail): { width: number; start: number } {
  if (DataType.isFixedSizeList(data.type)) {
    const width = data.type.listSize;
    if (dim !== undefined && width !== dim) throw fail(0, `dimension ${width}, but ${dim} before`);
    return { width, start: 0 };
  }
  const offsets = data.valueOffsets as unknown as Int32Array | BigInt64Array;
  const start = Number(offsets[0]);
  const width = dim ?? Number(offsets[1]) - start;
  for (let i = 0; i < data.length; i++) {
    const length = Number(offsets[i + 1]) - Number(offsets[i]);
    if (length !== width) throw fail(i, `ragged: ${length} numbers, but ${width} before`);
  }
  return { width, start };
}

function floats(type: DataType, values: ArrayLike<number>, start: number, length: number, place: Place): Float32Array {
  if (DataType.isFloat(type) && values instanceof Float32Array) return values.subarray(start, start + length);
  const out = new Float32Array(length);
  if (DataType.isFloat(type) && values instanceof Uint16Array) {
    for (let i = 0; i < length; i++) out[i] = halfToFloat(values[start + i]);
  } else if ((DataType.isFloat(type) || DataType.isInt(type)) && !(values instanceof BigInt64Array || values instanceof BigUint64Array)) {
    for (let i = 0; i < length; i++) out[i] = values[start + i];
  } else {
    throw new UserError(`${place.source}, column "${place.column}": embeddings of ${type} are not supported; give float32`);
  }
  return out;
}

function checkFinite(out: Float32Array, child: Vector['data'][number], start: number, width: number, fail: Fail): void {
  for (let i = 0; i < out.length; i++) {
    if (out[i] - out[i] !== 0) {
      const source = (child.values as ArrayLike<number>)[start + i];
      const value = child.values instanceof Float64Array && Number.isFinite(source) ? `${source} (beyond float32)` : String(out[i]);
      throw fail(Math.floor(i / width), `element ${i % width} is ${value}; embeddings must be finite`);
    }
  }
}

/** IEEE 754 half precision to float. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
