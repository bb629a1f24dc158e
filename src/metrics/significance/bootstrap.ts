import { random32 } from './random.js';

/** The share of intervals that hold the true difference, if the queries are a sample of those that matter. */
export const CONFIDENCE = 0.95;

export interface BootstrapOptions {
  readonly resamples: number;
  readonly seed: number;
}

/**
 * Bootstrap intervals (percentile, 95%) of the mean difference of several columns of differences of the same queries: as many queries as there are, are drawn with
 * replacement, again and again, and the interval is what is left of the means when the outermost 2.5% at each end are cut off: from the
 * floor(0.025 (B + 1))-th smallest of B to the one as far from the largest. The same queries are drawn for every column.
 *
 * A generator: it yields the share that is done. 60,000 queries, 10 columns and 2,000 resamples take about 2.5 seconds.
 * @returns low and high end for each column; null without queries
 * @see B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap", Chapman & Hall 1993, chapter 13 (1,000 to 2,000 resamples)
 */
export function* bootstrapIntervals(
  columns: readonly Float64Array[],
  { resamples, seed }: BootstrapOptions,
): Generator<number, ([number, number] | null)[]> {
  const queries = columns[0]?.length ?? 0;
  if (queries === 0) return columns.map(() => null);
  const next = random32(seed);
  const means = columns.map(() => new Float64Array(resamples));
  const drawn = new Uint16Array(queries);
  for (let r = 0; r < resamples; r++) {
    drawn.fill(0);
    for (let i = 0; i < queries; i++) drawn[Math.floor((next() * queries) / 2 ** 32)]++;
    columns.forEach((column, c) => {
      means[c][r] = weightedSum(column, drawn) / queries;
    });
    yield (r + 1) / resamples;
  }
  const cut = Math.max(1, Math.floor(((1 - CONFIDENCE) / 2) * (resamples + 1)));
  return means.map((column) => {
    column.sort();
    // Added, because a mean of -0 is no other than 0.
    return [column[cut - 1] + 0, column[resamples - cut] + 0];
  });
}

function weightedSum(values: Float64Array, weights: Uint16Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < values.length; i += 4) {
    a += values[i] * weights[i];
    b += values[i + 1] * weights[i + 1];
    c += values[i + 2] * weights[i + 2];
    d += values[i + 3] * weights[i + 3];
  }
  for (; i < values.length; i++) a += values[i] * weights[i];
  return a + b + (c + d);
}
