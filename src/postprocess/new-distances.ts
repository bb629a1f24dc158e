import type { RetrievalResults } from '../data/retrieval-results.js';
import { Candidates } from '../search/order.js';

/** The largest float32. */
const LARGEST = 2 ** 128 - 2 ** 104;

/**
 * The same items at new distances, each list sorted by them; items at equal new distances keep their order.
 * @param fresh aligned with `rr.ids`; what is beyond float32 becomes its largest number
 */
export function atNewDistances(rr: RetrievalResults, fresh: Float64Array): RetrievalResults {
  const { offsets } = rr;
  const from = new Int32Array(fresh.length);
  const distances = new Float32Array(fresh.length);
  const list = new Candidates();
  for (let q = 0; q < rr.length; q++) {
    const [start, end] = [offsets[q], offsets[q + 1]];
    list.count = 0;
    list.reserve(end - start);
    // Adding 0 turns -0 into +0, and only after rounding is it known what is 0.
    for (let i = start; i < end; i++) list.add(Math.fround(Math.max(-LARGEST, Math.min(LARGEST, fresh[i]))) + 0, i);
    list.sort(end - start);
    list.write(from, distances, start);
  }
  return rr.rearranged(offsets, from, distances);
}
