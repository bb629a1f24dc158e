import type { QueryMetric } from '../metric.js';
import { relevanceMeasure } from './measure.js';
import { type MeasureOptions, measureName } from './parameters.js';

/**
 * Rank-biased precision: what a user gains who goes on to the next item with probability p.
 *
 *     RBP@k(q) = (1 - p) * sum over relevant items at ranks r <= k of p^(r - 1)
 *
 * A query reaches 1 only with endlessly many relevant items.
 *
 * @throws UserError when k or rel is no positive integer, or p is not between 0 and 1
 * @see A. Moffat, J. Zobel, "Rank-Biased Precision for Measurement of Retrieval Effectiveness", ACM TOIS 27, 2008
 */
export function rbp({ k, rel = 1, p = 0.8 }: Pick<MeasureOptions, 'k' | 'rel' | 'p'> = {}): QueryMetric {
  const last = k ?? Number.POSITIVE_INFINITY;
  return relevanceMeasure(measureName('RBP', { rel, p }, k), rel, ({ offsets, ranks }, q) => {
    let sum = 0;
    for (let i = offsets[q]; i < offsets[q + 1] && ranks[i] <= last; i++) sum += p ** (ranks[i] - 1);
    return (1 - p) * sum;
  });
}
