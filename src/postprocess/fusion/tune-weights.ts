import { UserError } from '../../data/errors.js';
import type { RetrievalResults } from '../../data/retrieval-results.js';
import { lowerIsBetter } from '../../metrics/direction.js';
import { ExactSum } from '../../metrics/exact-sum.js';
import { foldOf } from '../../metrics/folds.js';
import { perQuery } from '../../metrics/mean-metric.js';
import type { QueryMetric } from '../../metrics/metric.js';
import { reduced, toTerms } from '../../metrics/reduction.js';
import { type FusionOptions, fuseResults } from './fuse.js';
import { type Fuse, weightedSum } from './methods.js';

export interface TuneWeightsOptions extends FusionOptions {
  /** Steps in which weights are tried; default 0.1. One over it must be a whole number. */
  readonly step?: number;
  /** Folds of the cross-validation; default 5. */
  readonly folds?: number;
  /** Decides which queries are in which fold; default 0. */
  readonly seed?: number;
  /** The method that takes the weights; default: the weighted sum. */
  readonly method?: (weights: readonly number[]) => Fuse;
  /** Told of the queries of each batch, when it has been fused with all weights. */
  readonly onQueries?: (count: number) => void;
}

/** One fold: its queries with the weights that are best on all others. */
export interface WeightFold {
  readonly queries: number;
  readonly weights: readonly number[];
  /** The metric on the other folds; null where they have no queries. */
  readonly train: number | null;
  /** On this one; null where it has none. */
  readonly heldOut: number | null;
}

export interface TunedWeights {
  readonly metric: string;
  /** The best on all queries. */
  readonly weights: readonly number[];
  /** The metric on all queries with these weights: fitted, and so too good. */
  readonly fitted: number;
  /** The metric on all queries, each with the weights of its fold: what weights that are chosen in this way are worth on other queries. */
  readonly heldOut: number;
  /** The metric on all queries with equal weights. */
  readonly equal: number;
  readonly folds: readonly WeightFold[];
}

/** The most weightings that are tried. */
const MOST = 10_000;

/**
 * Chooses the weights of a fusion for a metric by grid search, with cross-validation over the queries. One pass: every batch is fused with every
 * weighting, and sums are kept for each weighting and fold (exact, so that batches leave no trace). At equal values the most even weights are taken.
 * @param parts batches of each retrieval side by side, see `zip`
 * @throws UserError for a step that does not divide 1, too many weightings, no queries, results without relevance, and as `fuseResults`
 * @example await tuneWeights(zip([readRetrieval('image.arrow'), readRetrieval('text.arrow')]), map(10), { normalise: NORMALISATIONS['min-max'] })
 */
export async function tuneWeights(
  parts: AsyncIterable<readonly RetrievalResults[]> | Iterable<readonly RetrievalResults[]>,
  metric: QueryMetric,
  { step = 0.1, folds = 5, seed = 0, method = weightedSum, onQueries = () => {}, ...fusion }: TuneWeightsOptions = {},
): Promise<TunedWeights> {
  let grid: number[][] = [];
  let sums: ExactSum[][] = [];
  const counts = new Array<number>(folds).fill(0);
  for await (const batch of parts) {
    const { length, rows } = batch[0];
    if (grid.length === 0) {
      grid = weightGrid(batch.length, step);
      sums = grid.map(() => counts.map(() => new ExactSum()));
    }
    const foldOfQuery = Array.from(rows, (row) => foldOf(row, folds, seed));
    for (const fold of foldOfQuery) counts[fold]++;
    for (const [g, weights] of grid.entries()) {
      const terms = perQuery(metric, fuseResults(batch, method(weights), fusion));
      toTerms(metric, terms);
      for (let q = 0; q < length; q++) sums[g][foldOfQuery[q]].add(terms[q]);
    }
    onQueries(length);
  }
  if (counts.every((count) => count === 0)) throw new UserError('there are no queries to tune weights on');

  const all = Array.from(counts.keys());
  const valueOn = (which: readonly number[], weighting: (fold: number) => number): number | null => {
    const sum = new ExactSum();
    for (const fold of which) sum.merge(sums[weighting(fold)][fold]);
    return reduced(
      metric,
      sum,
      which.reduce((queries, fold) => queries + counts[fold], 0),
    );
  };
  const sign = lowerIsBetter(metric.name) ? -1 : 1;
  const best = (which: readonly number[]): number => {
    const values = grid.map((_, g) => sign * (valueOn(which, () => g) ?? 0));
    return values.indexOf(values.reduce((most, value) => Math.max(most, value)));
  };
  const chosen = all.map((fold) => best(all.filter((other) => other !== fold)));
  const overall = best(all);
  return {
    metric: metric.name,
    weights: grid[overall],
    fitted: valueOn(all, () => overall) as number,
    heldOut: valueOn(all, (fold) => chosen[fold]) as number,
    equal: valueOn(all, () => 0) as number,
    folds: all.map((fold) => ({
      queries: counts[fold],
      weights: grid[chosen[fold]],
      train: valueOn(
        all.filter((other) => other !== fold),
        () => chosen[fold],
      ),
      heldOut: valueOn([fold], () => chosen[fold]),
    })),
  };
}

/**
 * All weightings of a number of retrievals in steps: weights from 0 to 1 that add up to 1. Equal weights come first, whether or not they are among
 * the steps, then the others, the most even first.
 * @throws UserError for a step that does not divide 1, and for more than 10,000 weightings
 */
export function weightGrid(runs: number, step: number): number[][] {
  const steps = Math.round(1 / step);
  if (!(step > 0 && step <= 1) || Math.abs(steps * step - 1) > 1e-9) {
    throw new UserError(`weights are tried in steps that divide 1, such as 0.1 or 0.05, not ${step}`);
  }
  let count = 1;
  for (let r = 1; r < runs; r++) count = (count * (steps + r)) / r;
  if (count > MOST) {
    throw new UserError(
      `${Math.round(count)} weightings of ${runs} retrievals in steps of ${step} are too many (at most ${MOST}); take larger steps`,
    );
  }
  const parts: number[][] = [];
  const fill = (before: readonly number[], left: number) => {
    if (before.length === runs - 1) parts.push([...before, left]);
    else for (let part = left; part >= 0; part--) fill([...before, part], left - part);
  };
  fill([], steps);
  const uneven = (weights: readonly number[]) => weights.reduce((sum, weight) => sum + weight * weight, 0);
  const others = parts.filter((weights) => weights.some((weight) => weight !== weights[0])).sort((a, b) => uneven(a) - uneven(b));
  return [new Array<number>(runs).fill(1 / runs), ...others.map((weights) => weights.map((weight) => weight / steps))];
}
