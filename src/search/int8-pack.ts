import type { Distance } from '../data/matrix.js';
import { type Shard, shardMatrix } from '../data/vector-store.js';
import { squaredNorm } from './canonical.js';
import { GROUP } from './scan.js';

/** Consecutive representatives as int8 columns, for one matrix product. All arrays are shared memory; groups are GROUP columns. */
export interface PackedShard {
  /** The shard of vectors that all of them are in. */
  readonly shard: number;
  /** Rows of that shard, by column; the columns beyond it are padding. */
  readonly rows: Int32Array;
  /** int8 [dim x columns]. */
  readonly values: Int8Array;
  /** Added to the scores: |y|^2 for l2 and cosine, 0 for ip; infinity for padding. */
  readonly bias: Float32Array;
  /** y is about scale * values. */
  readonly scale: Float32Array;
  /** For each group upper bounds of |y - scale * values| and of |scale * values|, and of the rounding of its scores. */
  readonly residuals: Float32Array;
  readonly norms: Float32Array;
  readonly errors: Float32Array;
}

/** How vectors become those of the fast pass: divided by their norm for cosine, less the mean of the gallery. */
export interface Frame {
  readonly distance: Distance;
  readonly mean: Float64Array;
}

/** Empty shards for representatives: `perShard[s]` are the rows of shard s. @param most columns of one matrix product */
export function allocatePacked(perShard: readonly Int32Array[], dim: number, most: number): PackedShard[] {
  return perShard.flatMap((all, shard) =>
    Array.from({ length: Math.ceil(all.length / most) }, (_, i) => {
      const rows = all.subarray(i * most, (i + 1) * most);
      const columns = Math.ceil(rows.length / GROUP) * GROUP;
      const floats = (length: number) => new Float32Array(new SharedArrayBuffer(length * 4));
      return {
        shard,
        rows,
        values: new Int8Array(new SharedArrayBuffer(dim * columns)),
        bias: floats(columns),
        scale: floats(columns),
        residuals: floats(columns / GROUP),
        norms: floats(columns / GROUP),
        errors: floats(columns / GROUP),
      };
    }),
  );
}

/** Above a real number, as float32. */
const above = (value: number) => Math.fround(value * (1 + 2 ** -22) + 2 ** -140);

/** Fills the groups `first`, `first + step`, ... of a packed shard. @returns the largest norm seen, of vectors as the fast pass takes them */
export function pack(packed: PackedShard, vectors: Shard, dim: number, frame: Frame, first: number, step: number): number {
  const { data } = shardMatrix(vectors, dim);
  const columns = packed.bias.length;
  const block = new Int8Array(GROUP * dim);
  const vector = new Float64Array(dim);
  let largest = 0;
  for (let group = first; group < columns / GROUP; group += step) {
    const start = group * GROUP;
    const count = Math.min(GROUP, packed.rows.length - start);
    let [residual, norm, square] = [0, 0, 0];
    for (let c = 0; c < count; c++) {
      const row = packed.rows[start + c] * dim;
      place(data.subarray(row, row + dim), frame, vector);
      const scale = Math.fround(largestOf(vector) / 127);
      const to = block.subarray(c * dim, (c + 1) * dim);
      let [r, n, s] = [0, 0, 0];
      for (let i = 0; i < dim; i++) {
        const y = vector[i];
        const q = scale === 0 ? 0 : Math.max(-127, Math.min(127, Math.round(y / scale)));
        to[i] = q;
        const near = scale * q;
        r += (y - near) * (y - near);
        n += near * near;
        s += y * y;
      }
      packed.scale[start + c] = scale;
      packed.bias[start + c] = frame.distance === 'ip' ? 0 : s;
      residual = Math.max(residual, r);
      norm = Math.max(norm, n);
      square = Math.max(square, s);
    }
    for (let c = count; c < GROUP; c++) packed.bias[start + c] = Number.POSITIVE_INFINITY;
    packed.residuals[group] = above(Math.sqrt(residual));
    packed.norms[group] = above(Math.sqrt(norm));
    packed.errors[group] = above(frame.distance === 'ip' ? 0 : square * 2 ** -21);
    largest = Math.max(largest, Math.sqrt(square));
    for (let i = 0; i < dim; i++) {
      const to = i * columns + start;
      for (let c = 0; c < count; c++) packed.values[to + c] = block[c * dim + i];
    }
  }
  return largest;
}

/** A vector as the fast pass takes it. */
export function place(vector: Float32Array, { distance, mean }: Frame, out: Float64Array): void {
  const norm = distance === 'cosine' ? Math.sqrt(squaredNorm(vector)) || 1 : 1;
  for (let i = 0; i < out.length; i++) out[i] = vector[i] / norm - mean[i];
}

function largestOf(vector: Float64Array): number {
  let most = 0;
  for (let i = 0; i < vector.length; i++) most = Math.max(most, Math.abs(vector[i]));
  return most;
}

/** The mean of all rows, divided by their norms for cosine: what moves the cloud of vectors to the origin, where int8 loses least. */
export function galleryMean(shards: readonly Shard[], dim: number, distance: Distance): Float64Array {
  const mean = new Float64Array(dim);
  let rows = 0;
  for (const shard of shards) {
    const { data } = shardMatrix(shard, dim);
    for (let row = 0; row < shard.rows; row++) {
      const at = row * dim;
      const norm = distance === 'cosine' ? Math.sqrt(squaredNorm(data.subarray(at, at + dim))) || 1 : 1;
      for (let i = 0; i < dim; i++) mean[i] += data[at + i] / norm;
    }
    rows += shard.rows;
  }
  for (let i = 0; i < dim; i++) mean[i] /= rows;
  return mean;
}
