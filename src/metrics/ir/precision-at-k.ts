import type { QueryMetric } from '../metric.js';
import { hitsAt, relevanceMeasure } from './measure.js';
import { type MeasureOptions, measureName } from './parameters.js';

/**
 * Precision: the share of relevant items among the first k; where fewer were retrieved, the places left empty count as not relevant.
 *
 *     P@k(q) = relevant among the first k / k
 *
 * OML's `precision@k` divides by min(R, k, retrieved) instead, so that every query can reach 1.
 *
 * @throws UserError when k or rel is no positive integer
 * @see C. J. van Rijsbergen, "Information Retrieval", 2nd edition, Butterworths 1979; trec_eval's `P`
 */
export function precisionAtK({ k, rel = 1 }: { readonly k: number } & Pick<MeasureOptions, 'rel'>): QueryMetric {
  return relevanceMeasure(measureName('P', { rel }, k), rel, (items, q) => hitsAt(items, q, k) / k);
}
