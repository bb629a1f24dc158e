import { atNewDistances } from '../new-distances.js';
import type { Postprocessor } from '../postprocessor.js';
import { listStatistics, standardised } from './statistics.js';

/**
 * Z-norm: (d - mean) / deviation, mean and standard deviation (divided by n) being those of the query's own list. The order stays; distances of
 * different queries become comparable. A list whose distances are all equal (of one item, say) gets 0.
 *
 * In speaker verification, where it comes from, a model is scored against utterances of others, and the statistics are the model's. Here the query is
 * the model and what it retrieved are the utterances, as in spoken query-by-example search: nearly all of a long list does not match.
 * @see R. Auckenthaler, M. Carey, H. Lloyd-Thomas, "Score Normalization for Text-Independent Speaker Verification Systems", Digital Signal Processing
 * 10 (2000), section 3; D. A. Reynolds, "Comparison of Background Normalization Methods for Text-Independent Speaker Verification", Eurospeech 1997
 * @example zNorm() // distances [1, 3] become [-1, 1]
 */
export function zNorm(): Postprocessor {
  return {
    name: 'z-norm',
    params: {},
    process(rr) {
      const fresh = new Float64Array(rr.ids.length);
      for (let q = 0; q < rr.length; q++) {
        const own = listStatistics(rr.distancesOf(q));
        for (let i = rr.offsets[q]; i < rr.offsets[q + 1]; i++) fresh[i] = standardised(rr.distances[i], own);
      }
      return atNewDistances(rr, fresh);
    },
  };
}
