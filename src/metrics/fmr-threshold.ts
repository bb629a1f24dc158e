import { UserError } from '../data/errors.js';
import { ceilKey, floatOf } from '../data/float-key.js';
import { binAt, type PairCounts } from '../data/pair-counts.js';
import { interpolated, quantilePlace } from './quantile.js';

/** A threshold as far as the counts tell it. */
export interface FmrThreshold {
  /** The bins on which it, and the positives below it, depend. */
  readonly deciding: number[];
  /** Absent while a deciding bin is wider than a value. */
  readonly threshold?: number;
}

/**
 * The distance below which a share `fmr` of the negative pairs lies: their linear quantile.
 * @returns no deciding bins without negative pairs
 */
export function fmrThreshold(counts: PairCounts, fmr: number): FmrThreshold {
  const { bins, negatives } = counts;
  const total = counts.totalNegatives;
  if (total === 0) return { deciding: [] };
  const { previous, next, weight } = quantilePlace(total, fmr);
  const [a, b] = [binAt(negatives, previous), binAt(negatives, next)];
  if (!bins.isSingle(a) || !bins.isSingle(b)) return { deciding: [a, b] };
  const threshold = interpolated(floatOf(bins.firstKey(a)), floatOf(bins.firstKey(b)), weight);
  // Where the two values are far apart, the threshold may cut a bin of positives in two.
  const edge = ceilKey(threshold);
  const bin = bins.binOf(edge);
  if (bins.firstKey(bin) < edge && counts.positives[bin] > 0) return { deciding: [a, b, bin] };
  return { deciding: [a, b], threshold };
}

/** Pairs of which the distance is below a threshold that cuts no bin in two. */
export function countBelow(counts: PairCounts, of: 'positives' | 'negatives', threshold: number): number {
  const edge = ceilKey(threshold);
  const end = counts.bins.binOf(edge) + (counts.bins.firstKey(counts.bins.binOf(edge)) < edge ? 1 : 0);
  let below = 0;
  for (let bin = 0; bin < end; bin++) below += counts[of][bin];
  return below;
}

/** @throws UserError for anything but a number from 0 to 1 */
export function checkShare(metric: string, what: string, share: number): void {
  if (!(share >= 0 && share <= 1)) throw new UserError(`metric ${metric}: ${what} must be a number from 0 to 1`);
}
