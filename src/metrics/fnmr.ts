import type { PairCounts, PairMeasure } from '../data/pair-counts.js';
import { checkShare, countBelow, fmrThreshold } from './fmr-threshold.js';

/**
 * False non-match rate at a false match rate: the share of positive pairs at or beyond the threshold below which a share `fmr` of the negative
 * pairs lies.
 *
 *     T = linear quantile of the distances of negative pairs at fmr
 *     fnmr@fmr=x = positive pairs with distance >= T / positive pairs
 *
 * @param fmr from 0 to 1
 * @throws UserError for another fmr
 * @see ISO/IEC 19795-1, "Biometric performance testing and reporting"; OML's `calc_fnmr_at_fmr`
 */
export function fnmrAtFmr(fmr: number): PairMeasure {
  return atThreshold(`fnmr@fmr=${fmr}`, 'fmr', fmr, (counts, threshold) => {
    const all = counts.totalPositives;
    return all === 0 ? null : (all - countBelow(counts, 'positives', threshold)) / all;
  });
}

/**
 * True accept rate at a false accept rate: the share of positive pairs below the threshold below which a share `far` of the negative pairs lies,
 * 1 - fnmr@fmr=far. The points (far, tar) are the ROC curve, the points (far, 1 - tar) the DET curve.
 * @param far from 0 to 1
 * @throws UserError for another far
 * @see A. Martin et al., "The DET Curve in Assessment of Detection Task Performance", Eurospeech 1997
 */
export function tarAtFar(far: number): PairMeasure {
  return atThreshold(`tar@far=${far}`, 'far', far, (counts, threshold) => {
    const all = counts.totalPositives;
    return all === 0 ? null : countBelow(counts, 'positives', threshold) / all;
  });
}

/**
 * The threshold of `fnmr@fmr=x` and `tar@far=x`: the linear quantile of the distances of negative pairs, as `numpy.quantile` computes it.
 * @param fmr from 0 to 1
 * @throws UserError for another fmr
 */
export function fmrThresholdMeasure(fmr: number): PairMeasure {
  return atThreshold(`threshold@fmr=${fmr}`, 'fmr', fmr, (_, threshold) => threshold);
}

/** A measure at the threshold below which a share of the negative pairs lies. */
function atThreshold(name: string, what: string, share: number, at: (counts: PairCounts, threshold: number) => number | null): PairMeasure {
  checkShare(name, what, share);
  return {
    name,
    deciding: (counts) => fmrThreshold(counts, share).deciding,
    value(counts) {
      const { threshold } = fmrThreshold(counts, share);
      return threshold === undefined ? null : at(counts, threshold);
    },
  };
}
