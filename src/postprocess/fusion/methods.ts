import { UserError } from '../../data/errors.js';
import type { Candidates } from './candidates.js';

/** Writes the fused score of each candidate into `out`, higher is better. */
export type Fuse = (candidates: Candidates, out: Float64Array) => void;

/** Combines the scores that the runs give an item; only of those that retrieved it. */
function combined(of: (scores: Float64Array, hits: number) => number): Fuse {
  let own = new Float64Array(0);
  return ({ runs, size, ranks, scores, capacity }, out) => {
    if (own.length < runs) own = new Float64Array(runs);
    for (let i = 0; i < size; i++) {
      let hits = 0;
      for (let r = 0; r < runs; r++) if (ranks[r * capacity + i] >= 0) own[hits++] = scores[r * capacity + i];
      out[i] = of(own, hits);
    }
  };
}

function sumOf(scores: Float64Array, hits: number): number {
  let sum = 0;
  for (let r = 0; r < hits; r++) sum += scores[r];
  return sum;
}

/** Sum of a weight of the rank (from 0) over the runs that retrieved the item, times a factor for their number. */
function ofRanks(weight: (rank: number) => number, factor: (hits: number) => number = () => 1): Fuse {
  return ({ runs, size, ranks, capacity }, out) => {
    for (let i = 0; i < size; i++) {
      let [sum, hits] = [0, 0];
      for (let r = 0; r < runs; r++) {
        const rank = ranks[r * capacity + i];
        if (rank < 0) continue;
        sum += weight(rank);
        hits++;
      }
      out[i] = sum * factor(hits);
    }
  };
}

/** CombSUM: the sum of the scores (E. A. Fox, J. A. Shaw, "Combination of Multiple Searches", TREC-2, 1993). */
export const combSum = (): Fuse => combined(sumOf);

/** CombMNZ: the sum of the scores times the number of runs that retrieved the item (Fox and Shaw 1993). */
export const combMnz = (): Fuse => combined((scores, hits) => sumOf(scores, hits) * hits);

/** CombANZ: the mean score of the runs that retrieved the item (Fox and Shaw 1993). */
export const combAnz = (): Fuse => combined((scores, hits) => sumOf(scores, hits) / hits);

/** CombMAX: the greatest score (Fox and Shaw 1993). */
export const combMax = (): Fuse =>
  combined((scores, hits) => {
    let most = scores[0];
    for (let r = 1; r < hits; r++) most = Math.max(most, scores[r]);
    return most;
  });

/** CombMIN: the least score of the runs that retrieved the item (Fox and Shaw 1993). */
export const combMin = (): Fuse =>
  combined((scores, hits) => {
    let least = scores[0];
    for (let r = 1; r < hits; r++) least = Math.min(least, scores[r]);
    return least;
  });

/** CombMED: the median score of the runs that retrieved the item (Fox and Shaw 1993). */
export const combMed = (): Fuse =>
  combined((scores, hits) => {
    const sorted = scores.subarray(0, hits).sort();
    return (sorted[(hits - 1) >> 1] + sorted[hits >> 1]) / 2;
  });

/** Weighted sum of the scores. @throws UserError when the number of weights is not that of the runs (when it is used) */
export const weightedSum = (weights: readonly number[]): Fuse => {
  return ({ runs, size, ranks, scores, capacity }, out) => {
    checkWeights(weights, runs);
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let r = 0; r < runs; r++) if (ranks[r * capacity + i] >= 0) sum += weights[r] * scores[r * capacity + i];
      out[i] = sum;
    }
  };
};

/**
 * Reciprocal rank fusion: sum of 1 / (k + rank), rank from 1 (G. V. Cormack, C. L. A. Clarke, S. Büttcher, "Reciprocal Rank Fusion outperforms
 * Condorcet and individual Rank Learning Methods", SIGIR 2009).
 */
export const rrf = (k = 60): Fuse => {
  if (!(k >= 0 && Number.isFinite(k))) throw new UserError(`rrf: k must be a number of at least 0, not ${k}`);
  return ofRanks((rank) => 1 / (k + rank + 1));
};

/** Inverse square rank: sum of 1 / rank², times the number of runs that retrieved the item (A. Mourão, F. Martins, J. Magalhães, CMIG 2015). */
export const isr = (): Fuse =>
  ofRanks(
    (rank) => 1 / (rank + 1) ** 2,
    (hits) => hits,
  );

/** Log-ISR: sum of 1 / rank² times log(number of runs that retrieved the item), so that what one run alone retrieved scores 0 (Mourão et al. 2015). */
export const logIsr = (): Fuse => ofRanks((rank) => 1 / (rank + 1) ** 2, Math.log);

/** Log-ISR with log(number + sigma), which tells apart what one run alone retrieved (ranx's LogN-ISR). */
export const lognIsr = (sigma = 0.01): Fuse => {
  if (!(sigma > 0 && Number.isFinite(sigma))) throw new UserError(`logn-isr: sigma must be a positive number, not ${sigma}`);
  return ofRanks(
    (rank) => 1 / (rank + 1) ** 2,
    (hits) => Math.log(hits + sigma),
  );
};

/**
 * Rank-biased centroid: sum of (1 - phi) phi^rank, rank from 0 (P. Bailey, A. Moffat, F. Scholer, P. Thomas, "Retrieval Consistency in the Presence
 * of Query Variations", SIGIR 2017).
 */
export const rbc = (phi = 0.8): Fuse => {
  if (!(phi > 0 && phi < 1)) throw new UserError(`rbc: phi must lie between 0 and 1, not ${phi}`);
  return ofRanks((rank) => (1 - phi) * phi ** rank);
};

/**
 * Borda count: an item at rank i (from 0) of n candidates gets n - i points, and what a run did not retrieve shares its remaining points (J. A. Aslam,
 * M. Montague, "Models for Metasearch", SIGIR 2001); with weights, the weighted sum.
 */
export const borda = (weights?: readonly number[]): Fuse => {
  return ({ runs, size, ranks, capacity, counts }, out) => {
    if (weights) checkWeights(weights, runs);
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let r = 0; r < runs; r++) {
        const rank = ranks[r * capacity + i];
        sum += (weights?.[r] ?? 1) * (rank >= 0 ? size - rank : (size - counts[r] + 1) / 2);
      }
      out[i] = sum;
    }
  };
};

/**
 * Condorcet fusion: an item comes before another when more runs (weights, where given) rank it before than after; a run that retrieved neither does
 * not vote, one that retrieved one of them votes for it (M. Montague, J. A. Aslam, "Condorcet Fusion for Improved Retrieval", CIKM 2002). The order is
 * that of a merge sort by this majority, which begins with the Borda count, so that cycles and ties come out alike everywhere. Scores are n, n - 1, ...
 */
export const condorcet = (weights?: readonly number[]): Fuse => {
  const start = borda(weights);
  return (candidates, out) => {
    const { runs, size, ranks, ids, capacity } = candidates;
    start(candidates, out);
    const points = out.slice(0, size);
    const order = Array.from({ length: size }, (_, i) => i).sort((a, b) => points[b] - points[a] || ids[a] - ids[b]);
    const inOrder = mergeSort(order, (a, b) => {
      let votes = 0;
      for (let r = 0; r < runs; r++) {
        const [x, y] = [ranks[r * capacity + a], ranks[r * capacity + b]];
        if (x !== y) votes += (weights?.[r] ?? 1) * (y < 0 || (x >= 0 && x < y) ? 1 : -1);
      }
      return votes >= 0;
    });
    for (const [place, i] of inOrder.entries()) out[i] = size - place;
  };
};

/** Stable, and the same on every engine also where `before` has cycles, which leave the order of a built-in sort open. */
function mergeSort(items: readonly number[], before: (a: number, b: number) => boolean): readonly number[] {
  if (items.length < 2) return items;
  const half = items.length >> 1;
  const [left, right] = [mergeSort(items.slice(0, half), before), mergeSort(items.slice(half), before)];
  const merged: number[] = [];
  for (let i = 0, j = 0; i < left.length || j < right.length; ) {
    merged.push(j === right.length || (i < left.length && before(left[i], right[j])) ? left[i++] : right[j++]);
  }
  return merged;
}

function checkWeights(weights: readonly number[], runs: number): void {
  if (weights.length !== runs) throw new UserError(`${weights.length} weights for ${runs} retrievals: give one for each`);
  if (weights.every((weight) => weight === 0)) throw new UserError('all weights are 0, so that every score would be');
}
