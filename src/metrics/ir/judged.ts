import type { QueryMetric } from '../metric.js';
import { type MeasureOptions, measureName } from './parameters.js';

/**
 * The share of judged items among the first k (all retrieved ones without k): how far the other measures can be trusted.
 *
 *     Judged@k(q) = judged among the first k' / k',   k' = min(k, retrieved)
 *
 * and 0 when nothing was retrieved. An item that the judgements list with a gain below 0 is judged. Where relevance comes from labels, all items are.
 *
 * @throws UserError when k is no positive integer
 * @see ir_measures' `Judged`
 */
export function judged({ k }: Pick<MeasureOptions, 'k'> = {}): QueryMetric {
  return {
    name: measureName('Judged', {}, k),
    reduce: 'mean',
    score({ length, offsets, gains }, out) {
      for (let q = 0; q < length; q++) {
        const from = offsets[q];
        const looked = Math.min(k ?? Number.POSITIVE_INFINITY, offsets[q + 1] - from);
        let count = 0;
        for (let i = from; i < from + looked; i++) if (!Number.isNaN(gains[i])) count++;
        out[q] = looked === 0 ? 0 : count / looked;
      }
    },
  };
}
