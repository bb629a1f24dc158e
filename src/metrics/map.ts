import { atK } from './at-k.js';
import type { QueryMetric } from './metric.js';

/**
 * Mean average precision: the precision at each relevant item among the first k, averaged over those items.
 *
 *     map@k(q) = sum over hit ranks i <= k' of (hits among the first i) / i, divided by the hits among the first k';   k' = min(k, retrieved)
 *
 * and 0 without a hit. It is OML's definition; TREC's AP@k divides by all relevant items instead, so that what was not found costs something.
 *
 * @example
 * // retrieved, nearest first (x: relevant):  x . x .
 * // map@1 = map@2 = 1,  map@3 = map@4 = (1/1 + 2/3) / 2 = 0.8333
 *
 * @param k a positive integer; clipped to what was retrieved
 * @throws UserError for another k
 * @see C. D. Manning, P. Raghavan, H. Schütze, "Introduction to Information Retrieval", Cambridge 2008, section 8.4; OML's `calc_map`
 */
export function map(k: number): QueryMetric {
  return atK('map', k, ({ hits }, from, to) => {
    const found = hits[to - 1];
    let sum = 0;
    for (let i = from, seen = 0; seen < found; i++) {
      if (hits[i] === seen) continue;
      seen++;
      sum += seen / (i - from + 1);
    }
    return found === 0 ? 0 : sum / found;
  });
}
