import { atNewDistances } from '../new-distances.js';
import type { Postprocessor } from '../postprocessor.js';
import { type ItemStatistics, itemStatistics } from './item-statistics.js';
import { standardised } from './statistics.js';

/**
 * T-norm: (d - mean) / deviation, mean and standard deviation (divided by n) being those of the gallery item, over all queries that retrieved it: an
 * item that is near to everything (a hub) has to be nearer than it usually is. It changes the order. Two passes.
 *
 * In speaker verification a test utterance is scored by a cohort of models. Here the queries are the models (see `zNorm`), and the item's cohort is
 * every query that retrieved it, the query in question included. An item whose distances do not differ (one query alone retrieved it) is measured by
 * the mean and deviation of all distances; where these do not differ either, all new distances are 0.
 * @see R. Auckenthaler, M. Carey, H. Lloyd-Thomas, "Score Normalization for Text-Independent Speaker Verification Systems", Digital Signal Processing
 * 10 (2000), section 4
 */
export function tNorm(): Postprocessor<ItemStatistics> {
  return {
    name: 't-norm',
    params: {},
    fit: itemStatistics,
    process(rr, _context, statistics) {
      return atNewDistances(
        rr,
        Float64Array.from(rr.distances, (distance, i) => standardised(distance, statistics(rr.ids[i]))),
      );
    },
  };
}
