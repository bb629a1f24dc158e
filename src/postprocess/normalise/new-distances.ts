import type { RetrievalResults } from '../../data/retrieval-results.js';

/** The largest float32. */
const LARGEST = 2 ** 128 - 2 ** 104;

/**
 * The same items at new distances, each list sorted by them; items at equal new distances keep their order.
 * @param fresh aligned with `rr.ids`; what is beyond float32 becomes its largest number
 */
export function atNewDistances(rr: RetrievalResults, fresh: Float64Array): RetrievalResults {
  const { offsets } = rr;
  const from = Int32Array.from(fresh, (_, i) => i);
  const rounded = new Float32Array(fresh.length);
  // Adding 0 turns -0 into +0, and only after rounding is it known what is 0.
  for (let i = 0; i < fresh.length; i++) rounded[i] = Math.fround(Math.max(-LARGEST, Math.min(LARGEST, fresh[i]))) + 0;
  for (let q = 0; q < rr.length; q++) from.subarray(offsets[q], offsets[q + 1]).sort((a, b) => rounded[a] - rounded[b] || a - b);
  const distances = new Float32Array(fresh.length);
  for (let i = 0; i < from.length; i++) distances[i] = rounded[from[i]];
  return rr.rearranged(offsets, from, distances);
}
