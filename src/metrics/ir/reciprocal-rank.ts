import type { QueryMetric } from '../metric.js';
import { relevanceMeasure } from './measure.js';
import { type MeasureOptions, measureName } from './parameters.js';

/**
 * Reciprocal rank of the first relevant item, 0 when there is none (among the first k). Its mean is MRR.
 *
 *     RR(q) = 1 / rank of the first relevant item
 *
 * @throws UserError when k or rel is no positive integer
 * @see P. Kantor, E. Voorhees, "The TREC-5 Confusion Track", Information Retrieval 2, 2000; trec_eval's `recip_rank`
 */
export function reciprocalRank({ k, rel = 1 }: Pick<MeasureOptions, 'k' | 'rel'> = {}): QueryMetric {
  const last = k ?? Number.POSITIVE_INFINITY;
  return relevanceMeasure(measureName('RR', { rel }, k), rel, ({ offsets, ranks }, q) =>
    offsets[q] < offsets[q + 1] && ranks[offsets[q]] <= last ? 1 / ranks[offsets[q]] : 0,
  );
}
