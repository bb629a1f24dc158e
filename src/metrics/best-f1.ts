import { floatOf } from '../data/float-key.js';
import type { PairCounts, PairMeasure } from '../data/pair-counts.js';

/** Of all pairs, the share that may be looked at value by value to tell one threshold from another; and the number that may be in any case. */
const LOOKED_AT = 0.02;
const LOOKED_AT_ALWAYS = 2 ** 20;

interface Best {
  readonly f1: number;
  /** The first key that is not a match. */
  readonly edge: number;
  /** Bins inside which a better threshold could lie, and the best it could be. */
  readonly open: number[];
  readonly bound: number;
}

/**
 * The best F1 that a threshold reaches, when the pairs with a distance below it are called matches:
 *
 *     F1(T) = 2 TP / (2 TP + FP + FN) = 2 TP / (TP + FP + positive pairs)
 *
 * Exact unless the curve is so flat that more than 2% of all pairs could hold the best threshold; then it is the best of the edges of the bins
 * (a 128th of the distance apart or less), and a warning gives the upper bound.
 * @see C. J. van Rijsbergen, "Information Retrieval", 2nd ed., 1979, chapter 7
 */
export function bestF1(): PairMeasure {
  return { name: 'best-f1', deciding, value: (counts) => best(counts)?.f1 ?? null, remark };
}

/** The threshold of the best F1, the smallest where several reach it: pairs match whose distance is below it. */
export function bestF1Threshold(): PairMeasure {
  return {
    name: 'threshold@best-f1',
    deciding,
    value(counts) {
      const found = best(counts);
      return found ? floatOf(found.edge) : null;
    },
  };
}

function deciding(counts: PairCounts): number[] {
  const found = best(counts);
  if (!found) return [];
  const { positives, negatives } = counts;
  const pairs = found.open.reduce((sum, bin) => sum + positives[bin] + negatives[bin], 0);
  return pairs > Math.max(LOOKED_AT_ALWAYS, LOOKED_AT * (counts.totalPositives + counts.totalNegatives)) ? [] : found.open;
}

function remark(counts: PairCounts): string | undefined {
  const found = best(counts);
  if (!found || found.open.length === 0) return undefined;
  return `best-f1: F1 hardly changes with the threshold; the best lies between ${found.f1.toFixed(4)} and ${found.bound.toFixed(4)}`;
}

function best(counts: PairCounts): Best | undefined {
  const { bins, positives, negatives } = counts;
  const all = counts.totalPositives;
  if (all === 0 || counts.totalNegatives === 0) return undefined;
  const f1 = (tp: number, fp: number) => (2 * tp) / (tp + fp + all);
  let [tp, fp, top, edge] = [0, 0, 0, bins.firstKey(0)];
  for (let bin = 0; bin < bins.count; bin++) {
    if (positives[bin] === 0) {
      fp += negatives[bin];
      continue;
    }
    tp += positives[bin];
    fp += negatives[bin];
    const value = f1(tp, fp);
    if (value > top) [top, edge] = [value, bins.lastKey(bin) + 1];
  }
  // Inside a bin no threshold does better than to take all of its positives, and none of its negatives.
  const open: number[] = [];
  let bound = top;
  [tp, fp] = [0, 0];
  for (let bin = 0; bin < bins.count; bin++) {
    tp += positives[bin];
    const most = positives[bin] === 0 ? 0 : f1(tp, fp);
    fp += negatives[bin];
    if (most <= top || bins.isSingle(bin)) continue;
    open.push(bin);
    bound = Math.max(bound, most);
  }
  return { f1: top, edge, open, bound };
}
