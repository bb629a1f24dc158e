import { RetrievalResults } from '../../data/retrieval-results.js';
import { type MeanState, perQuery } from '../../metrics/mean-metric.js';
import type { Metric, QueryMetric } from '../../metrics/metric.js';
import { toTerms } from '../../metrics/reduction.js';

/**
 * What is accumulated of the queries of each fold, under one or several views: view f is what comes out of steps that were fitted without fold f, and the
 * last view of steps that were fitted to all. As long as no step was fitted, or only to all queries (a transductive one), all views are one.
 */
export type FoldStates<S> = S[][];

/** The positions of a batch's queries by their fold. */
export type Folds = readonly (readonly number[])[];

export function newFoldStates<S>(metric: Metric<S, unknown>, views: number, folds: number): FoldStates<S> {
  return Array.from({ length: views }, () => Array.from({ length: folds }, () => metric.init()));
}

/** The states of all folds under the view that has not seen one of them; under the last, where the fold is beyond the last. */
export function viewOf<S>(states: FoldStates<S>, fold: number): readonly S[] {
  return states[Math.min(fold, states.length - 1)];
}

/** The state of all folds but one, under the view that has not seen it; of all, where the fold is beyond the last. */
export function without<S>(metric: Metric<S, unknown>, states: FoldStates<S>, fold: number): S {
  const all = metric.init();
  viewOf(states, fold).forEach((state, other) => {
    if (other !== fold) metric.merge(all, state);
  });
  return all;
}

/** Takes the queries of each fold into its state. */
export function learnByFold(metric: Metric<unknown, unknown>, states: readonly unknown[], rr: RetrievalResults, folds: Folds): void {
  for (const [fold, positions] of folds.entries()) if (positions.length > 0) metric.update(states[fold], picked(rr, positions));
}

/** Adds the value of each query to the state of its fold. */
export function addByFold(metric: QueryMetric, states: readonly MeanState[], rr: RetrievalResults, folds: Folds): void {
  if (rr.length === 0) return;
  const terms = perQuery(metric, rr);
  toTerms(metric, terms);
  for (const [fold, positions] of folds.entries()) {
    for (const q of positions) states[fold].sum.add(terms[q]);
    states[fold].queries += positions.length;
  }
}

/** Some queries, with what else is known of them. */
function picked(rr: RetrievalResults, positions: readonly number[]): RetrievalResults {
  const queries = rr.queries?.take(Int32Array.from(positions), rr.rows[positions[0]]);
  return RetrievalResults.trusted({ ...rr.pick(positions), queries });
}
