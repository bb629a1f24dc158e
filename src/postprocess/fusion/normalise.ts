import type { Candidates } from './candidates.js';

/** Makes the scores of one query comparable between runs, run by run, in place. */
export type Normalise = (candidates: Candidates) => void;

/** Spreads below this count as this (ranx's floor): all scores equal is no division by zero. */
const LEAST = 1e-9;

/** Rescales the scores of every run: (score - shift) / scale, from the least, the greatest, the sum, the sum of squares about the mean of its scores. */
function linear(of: (stats: Stats) => { shift: number; scale: number }): Normalise {
  return ({ runs, size, ranks, scores, capacity }) => {
    for (let r = 0; r < runs; r++) {
      const [start, end] = [r * capacity, r * capacity + size];
      const { shift, scale } = of(statsOf(ranks, scores, start, end));
      for (let i = start; i < end; i++) if (ranks[i] >= 0) scores[i] = (scores[i] - shift) / Math.max(scale, LEAST);
    }
  };
}

interface Stats {
  readonly count: number;
  readonly least: number;
  readonly greatest: number;
  readonly sum: number;
  readonly deviation: number;
}

function statsOf(ranks: Int32Array, scores: Float64Array, start: number, end: number): Stats {
  let [count, least, greatest, sum] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let i = start; i < end; i++) {
    if (ranks[i] < 0) continue;
    count++;
    sum += scores[i];
    if (scores[i] < least) least = scores[i];
    if (scores[i] > greatest) greatest = scores[i];
  }
  const mean = sum / count;
  let squares = 0;
  for (let i = start; i < end; i++) if (ranks[i] >= 0) squares += (scores[i] - mean) ** 2;
  return { count, least, greatest, sum, deviation: Math.sqrt(squares / count) };
}

/** Normalisations by name; the formulas are those of ranx (E. Bassani, L. Romelli, "ranx.fuse", CIKM 2022). */
export const NORMALISATIONS: Readonly<Record<string, Normalise>> = {
  /** The scores as they are. */
  none: () => {},
  /** (s - min) / (max - min) */
  'min-max': linear(({ least, greatest }) => ({ shift: least, scale: greatest - least })),
  /** s / max; of use only where scores are positive */
  max: linear(({ greatest }) => ({ shift: 0, scale: greatest })),
  /** (s - min) / sum of (s - min) */
  sum: linear(({ least, sum, count }) => ({ shift: least, scale: sum - least * count })),
  /** Zero mean, unit variance: (s - mean) / standard deviation */
  zmuv: linear(({ sum, count, deviation }) => ({ shift: sum / count, scale: deviation })),
  /** 1 - rank / number retrieved; rank from 0 */
  rank: ({ runs, size, ranks, scores, capacity, counts }) => {
    for (let r = 0; r < runs; r++) {
      for (let i = r * capacity; i < r * capacity + size; i++) if (ranks[i] >= 0) scores[i] = 1 - ranks[i] / counts[r];
    }
  },
  /** 1 - rank / number of candidates of all runs; what a run did not retrieve shares the places that are left */
  borda: ({ runs, size, ranks, scores, capacity, counts }) => {
    for (let r = 0; r < runs; r++) {
      for (let i = r * capacity; i < r * capacity + size; i++) {
        if (ranks[i] >= 0) scores[i] = 1 - ranks[i] / size;
        else {
          scores[i] = 0.5 - (counts[r] - 1) / (2 * size);
          // From here on it counts as retrieved, behind all others.
          ranks[i] = counts[r];
        }
      }
    }
  },
};
