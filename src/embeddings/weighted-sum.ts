import type { VectorStore } from '../data/vector-store.js';

/** The weight of a neighbour. @param rank from 1, the nearest @param similarity cosine with the vector itself, not below 0 */
export type NeighbourWeight = (rank: number, similarity: number) => number;

/** sim^alpha, the weights of alpha query expansion. */
export function similarityWeight(alpha: number): NeighbourWeight {
  return (_, similarity) => similarity ** alpha;
}

/**
 * A vector moved towards its neighbours: the sum of x / |x| and of the neighbours so normalised, each by its weight, in float64, brought back to the
 * length of x. So normalised vectors stay normalised. A zero vector, and one whose sum is zero, stays as it is; a zero neighbour adds nothing.
 * @param out float32[dim], may be x itself
 */
export function movedTowards(
  x: Float32Array,
  neighbours: Int32Array,
  vectors: VectorStore,
  weight: NeighbourWeight,
  out: Float32Array,
): void {
  const length = norm(x);
  const sum = Float64Array.from(x, (value) => (length > 0 ? value / length : 0));
  const own = sum.slice();
  for (let r = 0; r < neighbours.length; r++) {
    const y = vectors.row(neighbours[r]);
    const size = norm(y);
    if (size === 0) continue;
    let cosine = 0;
    for (let i = 0; i < y.length; i++) cosine += own[i] * (y[i] / size);
    const share = weight(r + 1, Math.max(0, cosine)) / size;
    for (let i = 0; i < y.length; i++) sum[i] += share * y[i];
  }
  const total = norm(sum);
  for (let i = 0; i < x.length; i++) out[i] = length > 0 && total > 0 ? (sum[i] / total) * length : x[i];
}

function norm(x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  return Math.sqrt(sum);
}
