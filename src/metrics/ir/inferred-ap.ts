import type { QueryMetric } from '../metric.js';
import { type MeasureOptions, measureName } from './parameters.js';

/** trec_eval's smoothing of shares of nothing. */
const EPSILON = 1e-5;

/**
 * Inferred AP: an estimate of AP where only a random part of the pool was judged. The precision above a relevant item is estimated from the judged
 * items above it; items in the pool that were not judged (gain below 0, by TREC's convention) are taken to be relevant as often as those, and items
 * outside the pool not to be relevant.
 *
 *     infAP(q) = 1/R * sum over relevant items at ranks r of 1/r + (r-1)/r * (p / (r-1)) * (rel + e) / (rel + nonrel + 2e),   e = 0.00001
 *
 * where p counts the pooled items above rank r, and rel and nonrel the judged ones of them. When all is judged, it is close to AP.
 *
 * @throws UserError when rel is no positive integer
 * @see E. Yilmaz, J. Aslam, "Estimating Average Precision with Incomplete and Imperfect Judgments", CIKM 2006; trec_eval's `infAP`
 */
export function inferredAP({ rel = 1 }: Pick<MeasureOptions, 'rel'> = {}): QueryMetric {
  return {
    name: measureName('infAP', { rel }),
    reduce: 'mean',
    whenEmpty: { irrelevant: 0, void: 0 },
    score(view, out) {
      const { offsets, gains } = view;
      const { numRelevant } = view.relevantAt(rel);
      for (let q = 0; q < view.length; q++) {
        let relevant = 0;
        let nonRelevant = 0;
        let unjudged = 0;
        let sum = 0;
        for (let i = offsets[q]; i < offsets[q + 1]; i++) {
          const gain = gains[i];
          if (gain >= rel) {
            const above = i - offsets[q];
            const pooled = relevant + nonRelevant + unjudged;
            const precision = (relevant + EPSILON) / (relevant + nonRelevant + 2 * EPSILON);
            sum += above === 0 ? 1 : 1 / (above + 1) + (above / (above + 1)) * (pooled / above) * precision;
            relevant++;
          } else if (gain >= 0) nonRelevant++;
          else if (gain < 0) unjudged++;
        }
        out[q] = numRelevant[q] === 0 ? 0 : sum / numRelevant[q];
      }
    },
  };
}
