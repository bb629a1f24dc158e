import type { QueryMetric } from '../metric.js';
import { relevanceMeasure } from './measure.js';
import { type MeasureOptions, measureName } from './parameters.js';

/* Counts over all queries: sums, not means. */

/** Number of queries. @see trec_eval's `num_q` */
export function numQ(): QueryMetric {
  return { name: 'NumQ', reduce: 'sum', score: (_, out) => out.fill(1) };
}

/** Number of retrieved items; with rel, `numRelRet` of that level. @see trec_eval's `num_ret` */
export function numRet({ rel }: Pick<MeasureOptions, 'rel'> = {}): QueryMetric {
  if (rel !== undefined) return numRelRet({ rel });
  return {
    name: 'NumRet',
    reduce: 'sum',
    score({ length, offsets }, out) {
      for (let q = 0; q < length; q++) out[q] = offsets[q + 1] - offsets[q];
    },
  };
}

/** Number of relevant items in the whole gallery. @throws UserError when rel is no positive integer @see trec_eval's `num_rel` */
export function numRel({ rel = 1 }: Pick<MeasureOptions, 'rel'> = {}): QueryMetric {
  return relevanceMeasure(measureName('NumRel', { rel }), rel, ({ numRelevant }, q) => numRelevant[q], 'sum');
}

/** Number of relevant items that were retrieved. @throws UserError when rel is no positive integer @see trec_eval's `num_rel_ret` */
export function numRelRet({ rel = 1 }: Pick<MeasureOptions, 'rel'> = {}): QueryMetric {
  return relevanceMeasure(measureName('NumRelRet', { rel }), rel, ({ offsets }, q) => offsets[q + 1] - offsets[q], 'sum');
}
