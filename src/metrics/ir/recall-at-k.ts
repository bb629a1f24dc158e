import type { QueryMetric } from '../metric.js';
import { hitsAt, relevanceMeasure } from './measure.js';
import { type MeasureOptions, measureName } from './parameters.js';

/**
 * Recall: the share of all relevant items that are among the first k.
 *
 *     R@k(q) = relevant among the first k / R
 *
 * In metric learning "recall@k" often means `Success@k` (`cmc@k`): whether there is any relevant item among the first k.
 *
 * @throws UserError when k or rel is no positive integer
 * @see C. J. van Rijsbergen, "Information Retrieval", 2nd edition, Butterworths 1979; trec_eval's `recall`
 */
export function recallAtK({ k, rel = 1 }: { readonly k: number } & Pick<MeasureOptions, 'rel'>): QueryMetric {
  return relevanceMeasure(measureName('R', { rel }, k), rel, (items, q) => {
    const hits = hitsAt(items, q, k);
    return hits === 0 ? 0 : hits / items.numRelevant[q];
  });
}
