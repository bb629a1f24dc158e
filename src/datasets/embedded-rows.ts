import type { Matrix } from '../data/matrix.js';

/** Consecutive rows of a dataset. */
export interface RowRange {
  readonly firstRow: number;
  readonly rows: number;
}

/** An item that cannot be embedded. */
export interface BrokenItem {
  /** Row of the dataset. */
  readonly row: number;
  /** In words, with the file. */
  readonly reason: string;
}

/** The embeddings of a range: of all its rows but the broken ones. */
export interface EmbeddedRows extends RowRange {
  /** Rows of the dataset, ascending, one for each vector. */
  readonly kept: Int32Array;
  readonly vectors: Matrix;
  readonly broken: readonly BrokenItem[];
}

/** Ranges that cover a dataset: what is computed, and kept, as one piece. */
export function* rowRanges(size: number, rows: number): Generator<RowRange> {
  for (let firstRow = 0; firstRow < size; firstRow += rows) yield { firstRow, rows: Math.min(rows, size - firstRow) };
}

/** Which rows of a range were kept, and their vectors, as bytes: what is told anew of each run (reasons, paths) is not among them. */
export function encodeRows({ firstRow, kept, vectors }: EmbeddedRows): Uint8Array {
  const head = Uint32Array.of(kept.length, vectors.dim, ...kept.map((row) => row - firstRow));
  return Buffer.concat([bytesOf(head), bytesOf(vectors.data)]);
}

/** The opposite; what is broken is still unknown. @returns undefined for bytes that are nothing of the kind */
export function decodeRows(bytes: Uint8Array, { firstRow, rows }: RowRange): EmbeddedRows | undefined {
  if (bytes.length < 8) return undefined;
  // A copy begins where words can begin.
  const words = new Uint8Array(bytes);
  const [count, dim] = new Uint32Array(words.buffer, 0, 2);
  if (count > rows || words.length !== 4 * (2 + count + count * dim)) return undefined;
  const kept = Int32Array.from(new Uint32Array(words.buffer, 8, count), (row) => firstRow + row);
  return { firstRow, rows, kept, vectors: { data: new Float32Array(words.buffer, 8 + 4 * count), rows: count, dim }, broken: [] };
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
