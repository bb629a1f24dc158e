import { atNewDistances } from '../new-distances.js';
import type { Postprocessor } from '../postprocessor.js';
import { type ItemStatistics, itemStatistics } from './item-statistics.js';
import { listStatistics, standardised } from './statistics.js';

/**
 * S-norm, the symmetric one: the mean of what z-norm (the query's list) and t-norm (the gallery item's cohort) make of a distance. Two passes.
 * @see P. Kenny, "Bayesian Speaker Verification with Heavy-Tailed Priors", Odyssey 2010; S. Shum, N. Dehak, R. Dehak, J. Glass, "Unsupervised Speaker
 * Adaptation based on the Cosine Similarity for Text-Independent Speaker Verification", Odyssey 2010
 */
export function sNorm(): Postprocessor<ItemStatistics> {
  return {
    name: 's-norm',
    params: {},
    fit: itemStatistics,
    process(rr, _context, statistics) {
      const fresh = new Float64Array(rr.ids.length);
      for (let q = 0; q < rr.length; q++) {
        const own = listStatistics(rr.distancesOf(q));
        for (let i = rr.offsets[q]; i < rr.offsets[q + 1]; i++) {
          const distance = rr.distances[i];
          fresh[i] = (standardised(distance, own) + standardised(distance, statistics(rr.ids[i]))) / 2;
        }
      }
      return atNewDistances(rr, fresh);
    },
  };
}
