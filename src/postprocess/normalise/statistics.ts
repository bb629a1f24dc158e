/** Of a set of distances. */
export interface Statistics {
  readonly mean: number;
  /** Standard deviation (divided by n); exactly 0 when all are equal. */
  readonly deviation: number;
}

/** (distance - mean) / deviation; 0 where the distances of the set do not differ, which tells nothing. */
export function standardised(distance: number, { mean, deviation }: Statistics): number {
  return deviation > 0 ? (distance - mean) / deviation : 0;
}

/**
 * A deviation that rounding cannot take out of its bounds: n numbers of range R have a variance of at least R² / 2n (all but two at the mean) and at
 * most R² / 4 (half of them at each end).
 */
export function deviationOf(variance: number, range: number, n: number): number {
  return Math.sqrt(Math.min(Math.max(variance, range ** 2 / (2 * n)), range ** 2 / 4));
}

/** Of the distances of one list, which do not decrease. */
export function listStatistics(distances: Float32Array): Statistics {
  const n = distances.length;
  if (n === 0) return { mean: 0, deviation: 0 };
  let sum = 0;
  for (let i = 0; i < n; i++) sum += distances[i];
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (distances[i] - mean) ** 2;
  return { mean, deviation: deviationOf(squares / n, distances[n - 1] - distances[0], n) };
}
