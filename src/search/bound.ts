import { upperEdge } from './order.js';

/*
 * The certificate; docs/exactness.md derives it. A fast pass scores rows in one of two spaces,
 *   squares    s = |y|^2 - 2 xy = d^2 - |x|^2      l2; cosine with unit vectors, where d^2 = 2 * distance
 *   products   s = -xy                             ip; cosine with unit y, where s = |x| * (distance - 1)
 * with an error of at most E. A row whose score exceeds `horizon of the k-th + E` is canonically farther than the k-th, also after rounding to
 * float32, so that it cannot be among the first k, not even by a tie.
 */

/** Bound of the relative error of the canonical float64 sums of `dim` terms, generously: (dim + 4) * 2^-53, and of what is computed beside them. */
export function float64Error(dim: number): number {
  return Math.max(2 ** -40, dim * 2 ** -50);
}

/** What the horizon needs to know of a query: real numbers as float64. */
export interface QueryFrame {
  /** |x|^2 in the space of squares. */
  readonly square: number;
  /** Upper bound, for any row y, of |x| + |y| among squares, of |x| * |y| among products. */
  readonly reach: number;
  /** Among products what the fast pass leaves out of -xy for all rows alike. */
  readonly shift: number;
}

/**
 * The score above which a row is surely beyond the k-th, by squares.
 * @param kth canonical float32 distance of the k-th: `l2`; for cosine `doubled`
 * @param eps of `float64Error`
 */
export function squaresHorizon(kth: number, doubled: boolean, { square, reach }: QueryFrame, eps: number): number {
  const edge = upperEdge(kth);
  return (doubled ? 2 * edge : edge * edge) * (1 + eps) + eps * reach * reach - square;
}

/** The same by products. @param norm |x| for cosine, whose distance is 1 - xy / |x|; undefined for ip */
export function productsHorizon(kth: number, norm: number | undefined, { reach, shift }: QueryFrame, eps: number): number {
  const edge = norm === undefined ? upperEdge(kth) : norm * (upperEdge(kth) - 1);
  return edge + eps * (Math.abs(edge) + reach) - shift;
}

/** How a device computes products of vectors in float32. */
export interface Arithmetic {
  /** Unit roundoff of sums and products. */
  readonly u: number;
  /** Largest relative change of a factor before it is multiplied: 0 where factors are taken as they are. */
  readonly factors: number;
  /** Numbers below 2^-126 in size (denormal) may become zero, given ones and results. */
  readonly flushes: boolean;
}

/** IEEE 754: rounds to nearest. */
export const CPU_ARITHMETIC: Arithmetic = { u: 2 ** -24, factors: 0, flushes: false };
/**
 * Of graphics devices: sums and products are one of the two float32 next to the exact result, so that the roundoff is twice that of rounding to nearest,
 * and denormal numbers may become zero (WGSL, https://www.w3.org/TR/WGSL/, section "Floating Point Accuracy").
 */
export const GPU_ARITHMETIC: Arithmetic = { u: 2 ** -23, factors: 0, flushes: true };
/**
 * TF32, which CUDA takes for float32 products unless told otherwise: factors keep 10 bits behind the point, however they are rounded. The products are
 * exact; those of one step and the sum so far are cut off at the last bit of the largest among them (Fasi, Higham, Mikaitis and Pranesh, Numerical
 * behavior of NVIDIA tensor cores, PeerJ Computer Science 7:e330, 2021), so that a step of b products errs by (b + 1) 2^-23 of the largest; there are
 * dim / b steps, which is at most 2 dim 2^-23 in all.
 */
export const TF32_ARITHMETIC: Arithmetic = { u: 2 ** -22, factors: 2 ** -10, flushes: true };
/** Of a device of which nothing is known: nothing is proven with it. */
export const NO_ARITHMETIC: Arithmetic = { u: 1, factors: 1, flushes: true };

/** Two norms, or bounds of them. */
export interface Norms {
  readonly x: number;
  readonly y: number;
}

/**
 * Bound of the error of a product of vectors computed in float32, whatever the order of summation, with or without fused multiply-add, and of the
 * roundings of what is done with it. It is the sum of
 * - rounding: factors x(1 + a), y(1 + b) with |a|, |b| <= f make products that err by (1 + f)^2 - 1 of themselves, and their sum errs by gamma(dim) of
 *   sum |xy| <= |x| |y|, gamma(n) = n u / (1 - n u) (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1);
 * - results that underflow: each of the 2 dim operations, and of the few after them, loses at most 2^-126, which later roundings at most double;
 * - given numbers that are flushed to zero: with x_i or y_i below m = 2^-126, |x_i y_i| <= m (|x_i| + |y_i|), and the sum of it over all i is at
 *   most m sqrt(dim) (|x| + |y|), as |x_1| + ... + |x_dim| <= sqrt(dim) |x|; doubled likewise.
 */
export function productError(dim: number, { x, y }: Norms, { u, factors, flushes }: Arithmetic): number {
  const n = (dim + 4) * u;
  if (n >= 0.5) return Number.POSITIVE_INFINITY;
  const gamma = n / (1 - n);
  const rounding = (gamma + factors * (2 + factors) * (1 + gamma)) * x * y;
  const flushed = flushes ? 2 ** -125 * Math.sqrt(dim) * (x + y) : 0;
  return rounding + flushed + (dim + 4) * 2 ** -124;
}

/** Whether no score of a query can overflow float32: scores are sums of squares of norms. @param norm of the query @param largest norm of a row */
export function fitsFloat32(norm: number, largest: number): boolean {
  return (norm + largest) ** 2 < 1e38;
}
