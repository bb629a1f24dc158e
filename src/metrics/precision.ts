import { atK } from './at-k.js';
import type { QueryMetric } from './metric.js';

/**
 * The share of relevant items among the first k, of as many as there could be: a query with fewer than k relevant items can still reach 1.
 *
 *     precision@k(q) = hits among the first k' / min(n_gt, k'),   k' = min(k, retrieved)
 *
 * where n_gt counts the relevant items in the whole gallery. It is OML's definition; the classical P@k divides by k.
 *
 * @example
 * // retrieved, nearest first (x: relevant):  x . x .   with 3 relevant items in the gallery
 * // precision@1 = 1/1, precision@2 = 1/2, precision@3 = 2/3, precision@4 = 2/3 (at most 3 of the 4 can be relevant)
 *
 * @param k a positive integer; clipped to what was retrieved
 * @throws UserError for another k
 * @see C. D. Manning, P. Raghavan, H. Schütze, "Introduction to Information Retrieval", Cambridge 2008, section 8.4; OML's `calc_precision`
 */
export function precision(k: number): QueryMetric {
  return atK('precision', k, ({ hits }, from, to, relevant) => hits[to - 1] / Math.min(relevant, to - from));
}
