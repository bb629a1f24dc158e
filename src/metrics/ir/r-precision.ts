import type { QueryMetric } from '../metric.js';
import { hitsAt, relevanceMeasure } from './measure.js';
import { type MeasureOptions, measureName } from './parameters.js';

/**
 * Precision at R, the number of relevant items of the query; it is the recall at R too.
 *
 *     Rprec(q) = relevant among the first R / R
 *
 * @throws UserError when rel is no positive integer
 * @see C. Buckley, E. Voorhees, "Retrieval System Evaluation", in "TREC: Experiment and Evaluation in Information Retrieval", MIT Press 2005; trec_eval's
 * `Rprec`
 */
export function rPrecision({ rel = 1 }: Pick<MeasureOptions, 'rel'> = {}): QueryMetric {
  return relevanceMeasure(measureName('Rprec', { rel }), rel, (items, q) => {
    const relevant = items.numRelevant[q];
    return relevant === 0 ? 0 : hitsAt(items, q, relevant) / relevant;
  });
}
