import type { QueryMetric } from '../metric.js';
import { type MeasureOptions, measureName } from './parameters.js';

/**
 * Binary preference: how often relevant items come before items that were judged not relevant. Unjudged items are left out, so that incomplete
 * judgements hardly move it.
 *
 *     Bpref(q) = 1/R * sum over retrieved relevant items of (1 - min(n, R) / min(N, R))
 *
 * where n counts the judged non-relevant items above that one, and N those of the query in all. Of an item with a gain below 0 (in the pool, but
 * unjudged, by TREC's convention) nothing is known, as of an unjudged one. Where relevance comes from labels, all items are judged.
 *
 * @throws UserError when rel is no positive integer
 * @see C. Buckley, E. Voorhees, "Retrieval Evaluation with Incomplete Information", SIGIR 2004; trec_eval's `bpref`
 */
export function bpref({ rel = 1 }: Pick<MeasureOptions, 'rel'> = {}): QueryMetric {
  return {
    name: measureName('Bpref', { rel }),
    reduce: 'mean',
    whenEmpty: { irrelevant: 0, void: 0 },
    score(view, out) {
      const { offsets, gains } = view;
      const { numRelevant } = view.relevantAt(rel);
      const nonRelevant = view.nonRelevantAt(rel);
      for (let q = 0; q < view.length; q++) {
        const relevant = numRelevant[q];
        let above = 0;
        let sum = 0;
        for (let i = offsets[q]; i < offsets[q + 1]; i++) {
          const gain = gains[i];
          if (gain >= rel) sum += above === 0 ? 1 : 1 - Math.min(above, relevant) / Math.min(nonRelevant[q], relevant);
          else if (gain >= 0) above++;
        }
        out[q] = relevant === 0 ? 0 : sum / relevant;
      }
    },
  };
}
