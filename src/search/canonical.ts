import type { Distance } from '../data/matrix.js';

/*
 * The canonical distances: the definition of every distance that this project reports. On float32 vectors, in float64, element i is added to
 * accumulator i mod 4, in order, and the total is (a0 + a1) + (a2 + a3); no fused multiply-add. `canonical.as.ts` is the same in WebAssembly
 * and agrees to the bit; an engine may find candidates however it likes, but it reports these.
 */

/** Sum of squares of a vector. */
export function squaredNorm(x: ArrayLike<number>): number {
  return accumulate(x.length, (i) => x[i] * x[i]);
}

/**
 * The distance of two vectors of equal length, rounded to float32; smaller is nearer.
 * - `l2`: sqrt(sum (x - y)^2)
 * - `cosine`: 0.5 * sum (x / |x| - y / |y|)^2, that is 1 - cos, without its cancellation; 1 when either vector is zero
 * - `ip`: -sum x y
 *
 * Identical vectors are at l2 and cosine distance 0. A result beyond float32 is returned as infinity: the caller knows the rows and refuses.
 * @example canonicalDistance('l2', [0, 3], [4, 0]) // 5
 */
export function canonicalDistance(distance: Distance, x: ArrayLike<number>, y: ArrayLike<number>): number {
  if (distance === 'l2') {
    const sum = accumulate(x.length, (i) => (x[i] - y[i]) * (x[i] - y[i]));
    return Math.fround(Math.sqrt(sum));
  }
  // Adding 0 turns -0 into +0.
  if (distance === 'ip') return Math.fround(-accumulate(x.length, (i) => x[i] * y[i])) + 0;
  const nx = Math.sqrt(squaredNorm(x));
  const ny = Math.sqrt(squaredNorm(y));
  if (nx === 0 || ny === 0) return 1;
  const sum = accumulate(x.length, (i) => (x[i] / nx - y[i] / ny) * (x[i] / nx - y[i] / ny));
  return Math.fround(0.5 * sum);
}

function accumulate(length: number, term: (i: number) => number): number {
  const sums = [0, 0, 0, 0];
  for (let i = 0; i < length; i++) sums[i & 3] += term(i);
  return sums[0] + sums[1] + (sums[2] + sums[3]);
}
