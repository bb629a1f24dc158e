import type { RetrievalResults } from '../data/retrieval-results.js';

/** The results with each list cut to its first `keep(q)` items. */
export function keepFirst(rr: RetrievalResults, keep: (q: number) => number): RetrievalResults {
  const offsets = new Int32Array(rr.length + 1);
  for (let q = 0; q < rr.length; q++) offsets[q + 1] = offsets[q] + keep(q);
  const from = new Int32Array(offsets[rr.length]);
  for (let q = 0; q < rr.length; q++) for (let i = offsets[q]; i < offsets[q + 1]; i++) from[i] = rr.offsets[q] + i - offsets[q];
  return rr.rearranged(offsets, from);
}
