import type { QueryMetric } from '../metric.js';
import { relevanceMeasure, type ValueOfRelevant } from './measure.js';
import { type MeasureOptions, measureName } from './parameters.js';

/**
 * Average precision: the precision at the rank of each relevant item that was retrieved, over all relevant items, so that each one missed counts as 0.
 *
 *     AP@k(q) = 1/R * sum over relevant items at ranks r <= k of (relevant among the first r) / r
 *
 * where R counts the relevant items in the whole gallery. Its mean is MAP. OML's `map@k` divides by the relevant items among the first k instead.
 *
 * @example
 * // retrieved, nearest first (x: relevant):  x . x .   with R = 3
 * // AP = (1/1 + 2/3) / 3 = 0.5556
 *
 * @throws UserError when k or rel is no positive integer
 * @see C. Buckley, E. Voorhees, "Retrieval System Evaluation", in "TREC: Experiment and Evaluation in Information Retrieval", MIT Press 2005; trec_eval's
 * `map` and `map_cut`
 */
export function averagePrecision({ k, rel = 1 }: Pick<MeasureOptions, 'k' | 'rel'> = {}): QueryMetric {
  return relevanceMeasure(measureName('AP', { rel }, k), rel, averagePrecisionAt(k));
}

/**
 * The geometric mean of AP, with trec_eval's floor of 0.00001 under each value: the hard queries decide it. The value of a single query is its AP.
 *
 *     gm_map = exp(1/n * sum over queries of ln max(AP(q), 0.00001))
 *
 * @throws UserError when rel is no positive integer
 * @see S. Robertson, "On GMAP: and other transformations", CIKM 2006; trec_eval's `gm_map`
 */
export function geometricMap({ rel = 1 }: Pick<MeasureOptions, 'rel'> = {}): QueryMetric {
  return relevanceMeasure(measureName('gm_map', { rel }), rel, averagePrecisionAt(), 'geometric');
}

function averagePrecisionAt(k = Number.POSITIVE_INFINITY): ValueOfRelevant {
  return ({ offsets, ranks, numRelevant }, q) => {
    const from = offsets[q];
    let sum = 0;
    for (let i = from; i < offsets[q + 1] && ranks[i] <= k; i++) sum += (i - from + 1) / ranks[i];
    return sum === 0 ? 0 : sum / numRelevant[q];
  };
}
