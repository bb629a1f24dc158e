import { UserError } from '../data/errors.js';
import type { VectorStore } from '../data/vector-store.js';
import type { Postprocessor } from './postprocessor.js';

export interface MmrOptions {
  /** 1: relevance alone, which changes nothing; 0: diversity alone. Default 0.5. */
  readonly lambda?: number;
  /** Items of each list that are ordered anew; the rest stays behind them. Default 100. */
  readonly topN?: number;
}

/**
 * Maximal marginal relevance: near to the query and unlike what stands before. One after the other the item comes next that has the largest
 * lambda * relevance - (1 - lambda) * similarity to the most similar item already taken; at equal values the one that was nearer.
 *
 * Similarity is the cosine of the gallery's vectors (0 with a zero vector). Relevance is 1 for the first item of the list and 0 for the last of the
 * first topN, in proportion to the distance between (all 1 at equal distances), so that results of any distance and any step before can be ordered.
 *
 * An order by diversity has no distances: the sorted distances of the first topN stay where they are, at their places, so that the list is sorted, the
 * rest fits behind it, and a threshold keeps as many items as before. The distance beside an item is thus no longer its own.
 *
 * Costs topN² / 2 products of vectors a query.
 * @throws UserError for a lambda outside 0 to 1 or a topN below 2; in `process`, when there is no gallery with its vectors
 * @see J. Carbonell, J. Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering Documents and Producing Summaries", SIGIR 1998
 */
export function mmr({ lambda = 0.5, topN = 100 }: MmrOptions = {}): Postprocessor {
  if (!(lambda >= 0 && lambda <= 1)) throw new UserError(`mmr: lambda must lie between 0 and 1, not ${lambda}`);
  if (!Number.isInteger(topN) || topN < 2) throw new UserError(`mmr: topN must be an integer of at least 2, not ${topN}`);
  return {
    name: 'mmr',
    params: { lambda, topN },
    needs: ['gallery'],
    process(rr, { gallery }) {
      if (!gallery) throw new UserError('mmr compares the vectors of the gallery, and these results came without it; give --gallery');
      const from = Int32Array.from(rr.ids, (_, i) => i);
      for (let q = 0; q < rr.length; q++) {
        const start = rr.offsets[q];
        const first = rr.retrievedIds(q).subarray(0, topN);
        const order = diverse(relevanceOf(rr.distancesOf(q).subarray(0, topN)), unitVectors(gallery.vectors, first), lambda);
        for (const [place, i] of order.entries()) from[start + place] = start + i;
      }
      return rr.rearranged(rr.offsets, from, rr.distances);
    },
  };
}

/** 1 for the first of sorted distances, 0 for the last. */
function relevanceOf(distances: Float32Array): Float64Array {
  const [least, range] = [distances[0], distances[distances.length - 1] - distances[0]];
  return Float64Array.from(distances, (distance) => (range > 0 ? 1 - (distance - least) / range : 1));
}

/** Vectors of length 1, or 0. */
function unitVectors(vectors: VectorStore, rows: Int32Array): Float64Array[] {
  return Array.from(rows, (row) => {
    const vector = Float64Array.from(vectors.row(row));
    const length = Math.sqrt(dot(vector, vector));
    return length > 0 ? vector.map((x) => x / length) : vector;
  });
}

function diverse(relevance: Float64Array, vectors: readonly Float64Array[], lambda: number): number[] {
  const left = Array.from(relevance.keys());
  // To the most similar item taken; before the first is taken they are all alike.
  const similarity = new Float64Array(relevance.length).fill(-1);
  const order: number[] = [];
  while (left.length > 0) {
    let best = 0;
    const value = (i: number) => lambda * relevance[i] - (1 - lambda) * similarity[i];
    for (let j = 1; j < left.length; j++) if (value(left[j]) > value(left[best])) best = j;
    const [taken] = left.splice(best, 1);
    order.push(taken);
    if (lambda < 1) for (const i of left) similarity[i] = Math.max(similarity[i], dot(vectors[i], vectors[taken]));
  }
  return order;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
