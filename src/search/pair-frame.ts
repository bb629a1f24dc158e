import type { Distance } from '../data/matrix.js';
import { type Shard, shardMatrix } from '../data/vector-store.js';
import { CPU_ARITHMETIC, fitsFloat32 } from './bound.js';
import { squaredNorm } from './canonical.js';

/*
 * The float32 pass of all pairs makes a number u of each, which grows with the distance alone, so that one table serves all queries:
 *   l2       u = |x|^2 + |y|^2 - 2 xy = d^2
 *   cosine   u = 1 - xy = d          of unit vectors, rounded to float32
 *   ip       u = -xy = d
 * With gamma = gamma(dim) of `productError`, its error is at most
 *   l2       2 (gamma + 2u) |x| |y| + 8u |y|^2 + 8u |x|^2
 *   cosine   gamma + 12u
 *   ip       (gamma + 4u) |x| |y|
 * plus what underflows. These cover the product; the rounding of |x|^2, of |y|^2, of the unit vectors, of the two additions and of u - error and
 * u + error themselves, each at most u times |u| <= 2 |x|^2 + 2 |y|^2; and the error of the canonical float64 sums, which is 2^-10 of u and less.
 */

/** Rows of one matrix product: many enough to keep it efficient, few enough that most products can be left out where each pair is looked at once. */
const FEWEST_ROWS = 4096;
const MOST_ROWS = 32_768;
const PARTS = 16;

/** Consecutive rows of a shard, for one matrix product. All arrays are shared memory. */
export interface PairPart {
  readonly shard: number;
  /** The gallery row, and the row of the shard, at which it starts. */
  readonly firstRow: number;
  readonly first: number;
  readonly rows: number;
  /** Row-major [rows x dim], of unit length for cosine. */
  readonly data: Float32Array;
  /** Added to the products. */
  readonly bias: Float32Array;
  /** Upper bounds of the norms, and the part of the error that depends on the row alone. */
  readonly norms: Float32Array;
  readonly extra: Float32Array;
}

const { u } = CPU_ARITHMETIC;

/** Above a real number, as float32. */
const above = (value: number) => Math.fround(value * (1 + 2 ** -16) + 2 ** -140);

/** @returns the parts, and the largest norm of a row */
export function pairParts(shards: readonly Shard[], dim: number, distance: Distance): { parts: PairPart[]; largest: number } {
  const size = shards.reduce((sum, { rows }) => sum + rows, 0);
  const most = Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, Math.ceil(size / PARTS)));
  const floats = (length: number) => new Float32Array(new SharedArrayBuffer(length * 4));
  let largest = 0;
  const parts = shards.flatMap((one, shard) => {
    const { data } = shardMatrix(one, dim);
    return Array.from({ length: Math.ceil(one.rows / most) }, (_, i) => {
      const first = i * most;
      const rows = Math.min(most, one.rows - first);
      const own = data.subarray(first * dim, (first + rows) * dim);
      const [bias, norms, extra] = [floats(rows), floats(rows), floats(rows)];
      for (let row = 0; row < rows; row++) {
        const square = squaredNorm(own.subarray(row * dim, (row + 1) * dim));
        largest = Math.max(largest, Math.sqrt(square));
        norms[row] = above(Math.sqrt(square));
        if (distance !== 'l2') continue;
        bias[row] = square;
        extra[row] = above(8 * u * square);
      }
      const matrix = distance === 'cosine' ? floats(rows * dim) : own;
      if (distance === 'cosine') for (let row = 0; row < rows; row++) unit(own, row * dim, dim, matrix);
      return { shard, firstRow: one.firstRow + first, first, rows, data: matrix, bias, norms, extra };
    });
  });
  return { parts, largest };
}

/** A vector at `start`, divided by its norm; zero stays zero. */
export function unit(vectors: Float32Array, start: number, dim: number, out: Float32Array): void {
  const norm = Math.sqrt(squaredNorm(vectors.subarray(start, start + dim))) || 1;
  for (let i = start; i < start + dim; i++) out[i] = vectors[i] / norm;
}

/** What the pass needs of a query: u = score + shift, its error is a * norm + extra + c. */
export interface PairFrame {
  readonly shift: number;
  readonly a: number;
  readonly c: number;
  /** Its numbers are too large for float32, or the distance is defined apart (cosine with zero): only canonical scoring is sure. */
  readonly brute: boolean;
}

/** @param norm of the query @param largest norm of the gallery */
export function pairFrame(distance: Distance, norm: number, largest: number, dim: number): PairFrame {
  const n = (dim + 4) * u;
  const gamma = n / (1 - n);
  const tiny = dim * 2 ** -122;
  const unsure = !(n < 0.5);
  if (distance === 'cosine') return { shift: 1, a: 0, c: above(gamma * (1 + 2 ** -20) + 12 * u + tiny), brute: unsure || norm === 0 };
  const brute = unsure || !fitsFloat32(norm, largest);
  if (distance === 'ip') return { shift: 0, a: above((gamma + 4 * u) * norm), c: above(tiny), brute };
  return { shift: Math.fround(norm * norm), a: above(2 * (gamma + 2 * u) * norm), c: above(8 * u * norm * norm + tiny), brute };
}

/** u of a distance; increasing, also where no distance lies. */
export function spaceOf(distance: Distance, value: number): number {
  return distance === 'l2' ? Math.sign(value) * value * value : value;
}
