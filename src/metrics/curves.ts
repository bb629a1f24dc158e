import { floatOf } from '../data/float-key.js';
import type { PairCounts } from '../data/pair-counts.js';

/** What a threshold does: pairs match whose distance is below it. */
export interface OperatingPoint {
  /** Infinity for the last one, where every pair matches. */
  readonly threshold: number;
  /** Share of negative pairs that match: false match rate, false accept rate. */
  readonly fmr: number;
  /** Share of positive pairs that do not match: false non-match rate; 1 - it is the true accept rate. */
  readonly fnmr: number;
}

/**
 * The exact rates at every edge of a bin between which pairs lie, from no match to all: (fmr, 1 - fnmr) is the ROC curve, (fmr, fnmr) the DET curve.
 * Between two points, thresholds lie that are at most a 128th of the distance apart.
 * @returns nothing without positive or without negative pairs
 * @see T. Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27 (2006); A. Martin et al., "The DET Curve in Assessment of
 * Detection Task Performance", Eurospeech 1997
 */
export function operatingPoints(counts: PairCounts): OperatingPoint[] {
  const { bins, positives, negatives } = counts;
  const [allPositives, allNegatives] = [counts.totalPositives, counts.totalNegatives];
  if (allPositives === 0 || allNegatives === 0) return [];
  const points: OperatingPoint[] = [];
  let [matches, misses] = [0, allPositives];
  const point = (edge: number) => {
    const value = floatOf(edge);
    const threshold = Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
    points.push({ threshold, fmr: matches / allNegatives, fnmr: misses / allPositives });
  };
  for (let bin = 0; bin < bins.count; bin++) {
    if (positives[bin] === 0 && negatives[bin] === 0) continue;
    if (points.length === 0) point(bins.firstKey(bin));
    matches += negatives[bin];
    misses -= positives[bin];
    point(bins.lastKey(bin) + 1);
  }
  return points;
}
