import { atK } from './at-k.js';
import type { QueryMetric } from './metric.js';

/**
 * Cumulative matching characteristic: the share of queries with at least one relevant item among the first k.
 *
 *     cmc@k(q) = 1 if any of the first k items is relevant to q, else 0
 *
 * @example
 * // retrieved, nearest first (x: relevant):  . x . x
 * // cmc@1 = 0, cmc@2 = cmc@3 = ... = 1
 *
 * @param k a positive integer; clipped to what was retrieved
 * @throws UserError for another k
 * @see D. Gray, S. Brennan, H. Tao, "Evaluating Appearance Models for Recognition, Reacquisition, and Tracking", PETS 2007; OML's `calc_cmc`
 */
export function cmc(k: number): QueryMetric {
  return atK('cmc', k, ({ hits }, _from, to) => (hits[to - 1] > 0 ? 1 : 0));
}
