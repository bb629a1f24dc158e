import { keyOf } from './float-key.js';
import { KeyBins, type KeyRange } from './key-bins.js';
import { openBins, PairCounts, type PairMeasure } from './pair-counts.js';

/** A bin with fewer values than this is cut at its values, one with more at every float32. */
const FEW = 4096;

/**
 * Counts distances that are all at hand, finely enough for the measures to be exact.
 * @example
 * const counts = exactCounts([eer()], Float32Array.of(0.1, 0.4), Float32Array.of(0.3, 0.9));
 * eer().value(counts); // 0.5
 */
export function exactCounts(measures: readonly PairMeasure[], positives: Float32Array, negatives: Float32Array): PairCounts {
  let bins = new KeyBins();
  for (;;) {
    const counts = new PairCounts(bins);
    counts.add(positives, true);
    counts.add(negatives, false);
    const open = new Set(openBins(measures, counts));
    if (open.size === 0) return counts;
    const many = [...open].filter((bin) => counts.positives[bin] + counts.negatives[bin] >= FEW);
    for (const bin of many) open.delete(bin);
    bins = bins.cut(many).with([...singles(counts.bins, open, positives), ...singles(counts.bins, open, negatives)]);
  }
}

/** The values that lie in some bins. */
function singles(bins: KeyBins, within: ReadonlySet<number>, values: Float32Array): KeyRange[] {
  const keys = new Set<number>();
  for (const value of values) {
    const key = keyOf(value);
    if (within.has(bins.binOf(key))) keys.add(key);
  }
  return [...keys].map((key) => ({ first: key, last: key }));
}
