import { atNewDistances } from '../new-distances.js';
import type { Postprocessor } from '../postprocessor.js';

/**
 * Puts the distances of each query on a scale from 0 (its nearest result) to 1 (its farthest): (d - min) / (max - min). A list whose distances are all
 * equal gets 0. The order stays; what changes is that one threshold, or a sum with other results, means the same for every query.
 * @see J. H. Lee, "Analyses of Multiple Evidence Combination", SIGIR 1997
 * @example minMax() // distances [0.2, 0.3, 0.6] become [0, 0.25, 1]
 */
export function minMax(): Postprocessor {
  return {
    name: 'min-max',
    params: {},
    process(rr) {
      const fresh = new Float64Array(rr.ids.length);
      for (let q = 0; q < rr.length; q++) {
        const [start, end] = [rr.offsets[q], rr.offsets[q + 1]];
        const least = rr.distances[start];
        const range = rr.distances[end - 1] - least;
        for (let i = start; i < end; i++) fresh[i] = range > 0 ? (rr.distances[i] - least) / range : 0;
      }
      return atNewDistances(rr, fresh);
    },
  };
}
