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

/**
 * Bound of the error of a product of vectors computed in float32, whatever the order of summation, with or without fused multiply-add:
 * gamma(dim) |x| |y|, gamma(n) = n u / (1 - n u) (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1), and the rounding of
 * what is done with it; products that underflow to zero are covered too.
 * @param reach upper bound of |x| * |y|
 * @param u unit roundoff of the device
 */
export function productError(dim: number, reach: number, u: number): number {
  const n = (dim + 4) * u;
  return n < 0.5 ? (n / (1 - n)) * reach + dim * 2 ** -124 : Number.POSITIVE_INFINITY;
}

/** Whether no score of a query can overflow float32: scores are sums of squares of norms. @param norm of the query @param largest norm of a row */
export function fitsFloat32(norm: number, largest: number): boolean {
  return (norm + largest) ** 2 < 1e38;
}
