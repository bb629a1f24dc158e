import { UserError } from '../../data/errors.js';
import type { QueryMetric } from '../metric.js';
import type { RelevantItems } from '../relevant-items.js';
import { relevanceMeasure } from './measure.js';
import { type MeasureOptions, measureName } from './parameters.js';

/** The recalls of the precision-recall curve. */
const ELEVEN = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/**
 * Interpolated precision at a recall r: the best precision from where the recall is reached on.
 *
 *     IPrec@r(q) = max over ranks i >= i_r of (relevant among the first i) / i,   i_r = rank of the round(r R)-th relevant item
 *
 * and 0 when fewer than round(r R) relevant items were retrieved; halves are rounded up. (trec_eval 9, and so pytrec_eval and ir_measures, takes the
 * integer part of r R + 0.9 instead of rounding.)
 *
 * @throws UserError when the recall is not from 0 to 1, or rel is no positive integer
 * @see C. D. Manning, P. Raghavan, H. Schütze, "Introduction to Information Retrieval", Cambridge 2008, section 8.4; trec_eval 10's `iprec_at_recall`
 */
export function interpolatedPrecision({ recall, rel = 1 }: { readonly recall: number } & Pick<MeasureOptions, 'rel'>): QueryMetric {
  const name = `${measureName('IPrec', { rel })}@${recall}`;
  if (!(recall >= 0 && recall <= 1)) throw new UserError(`metric ${name}: the recall must be from 0 to 1, not ${recall}`);
  return relevanceMeasure(name, rel, (items, q) => precisionAtRecall(items, q, recall));
}

/**
 * The mean of the interpolated precisions at the recalls 0, 0.1, ..., 1.
 * @throws UserError when rel is no positive integer
 * @see trec_eval 10's `11pt_avg`; `interpolatedPrecision`
 */
export function elevenPointAverage({ rel = 1 }: Pick<MeasureOptions, 'rel'> = {}): QueryMetric {
  return relevanceMeasure(measureName('11pt_avg', { rel }), rel, (items, q) => {
    let sum = 0;
    for (let i = ELEVEN.length; i-- > 0; ) sum += precisionAtRecall(items, q, ELEVEN[i]);
    return sum / ELEVEN.length;
  });
}

function precisionAtRecall({ offsets, ranks, numRelevant }: RelevantItems, q: number, recall: number): number {
  const from = offsets[q];
  let best = 0;
  // Precision peaks at relevant items. Recall 0 is reached before the first of them.
  for (let i = from + Math.max(0, Math.round(recall * numRelevant[q]) - 1); i < offsets[q + 1]; i++) {
    best = Math.max(best, (i - from + 1) / ranks[i]);
  }
  return best;
}
