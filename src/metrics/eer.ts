import { floatOf } from '../data/float-key.js';
import type { PairCounts, PairMeasure } from '../data/pair-counts.js';

/** The two rates on both sides of where they cross. */
interface Crossing {
  /** The bin whose pairs turn the false matches from fewer into at least as many as the false non-matches. */
  readonly bin: number;
  /** The equal error rate, and the first key that is not a match. */
  readonly rate: number;
  readonly edge: number;
}

/**
 * Equal error rate: where as large a share of negative pairs matches (FMR) as of positive pairs does not (FNMR). A pair matches when its distance is
 * below a threshold; both rates are step functions of it, which may jump over each other. Then the side counts where their sum is smaller, and the
 * rate is half of that sum.
 * @see D. Maio et al., "FVC2000: Fingerprint Verification Competition", IEEE PAMI 24 (2002), section 3.2
 */
export function eer(): PairMeasure {
  return { name: 'eer', deciding, value: (counts) => crossing(counts)?.rate ?? null };
}

/** The threshold of the equal error rate: pairs match whose distance is below it. */
export function eerThreshold(): PairMeasure {
  return {
    name: 'threshold@eer',
    deciding,
    value(counts) {
      const found = crossing(counts);
      return found ? floatOf(found.edge) : null;
    },
  };
}

function deciding(counts: PairCounts): number[] {
  const found = crossing(counts);
  return found ? [found.bin] : [];
}

function crossing(counts: PairCounts): Crossing | undefined {
  const { bins, positives, negatives } = counts;
  const [allPositives, allNegatives] = [counts.totalPositives, counts.totalNegatives];
  if (allPositives === 0 || allNegatives === 0) return undefined;
  const sum = (matches: number, misses: number) => matches / allNegatives + misses / allPositives;
  /** Sign of FMR - FNMR; where floating point cannot tell, fractions are compared as integers. */
  const side = (matches: number, misses: number) => {
    const difference = matches / allNegatives - misses / allPositives;
    return Math.abs(difference) > 2 ** -40
      ? difference
      : Number(BigInt(matches) * BigInt(allPositives) - BigInt(misses) * BigInt(allNegatives));
  };
  let matches = 0;
  let misses = allPositives;
  for (let bin = 0; bin < bins.count; bin++) {
    if (positives[bin] === 0 && negatives[bin] === 0) continue;
    const [matchesBefore, missesBefore] = [matches, misses];
    matches += negatives[bin];
    misses -= positives[bin];
    const beyond = side(matches, misses);
    if (beyond < 0) continue;
    const [before, after] = [sum(matchesBefore, missesBefore), sum(matches, misses)];
    return before <= after && beyond > 0
      ? { bin, rate: before / 2, edge: bins.firstKey(bin) }
      : { bin, rate: after / 2, edge: bins.lastKey(bin) + 1 };
  }
  return undefined;
}
