import type { ExactSum } from './exact-sum.js';
import type { QueryMetric } from './metric.js';

/** trec_eval's floor under the values of a geometric mean, so that a single zero does not decide it. */
export const FLOOR = 1e-5;

/**
 * How the values of queries become one:
 * - mean: sum / n, rounded once;
 * - sum: the sum, rounded once;
 * - geometric: exp((1/n) sum log max(value, 0.00001)), as trec_eval's `gm_map`.
 *
 * @param sum the exact sum of what `toTerms` makes of the values
 * @returns null without queries
 * @see S. Robertson, "On GMAP: and other transformations", CIKM 2006; trec_eval, `MIN_GEO_MEAN`
 */
export function reduced(metric: QueryMetric, sum: ExactSum, queries: number): number | null {
  if (queries === 0) return null;
  if (metric.reduce === 'sum') return sum.sum();
  const mean = sum.mean(queries);
  return metric.reduce === 'geometric' ? Math.exp(mean) : mean;
}

/** Turns the values of queries, in place, into what the metric's reduction sums. */
export function toTerms(metric: QueryMetric, values: Float64Array): void {
  if (metric.reduce !== 'geometric') return;
  for (let q = 0; q < values.length; q++) values[q] = Math.log(Math.max(values[q], FLOOR));
}
