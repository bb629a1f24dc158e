import type { RetrievalResults } from '../data/retrieval-results.js';
import { ExactSum } from './exact-sum.js';
import { judgedView } from './judged-view.js';
import type { Metric, QueryMetric } from './metric.js';
import { reduced, toTerms } from './reduction.js';

/** What is kept of the queries seen. */
export interface MeanState {
  queries: number;
  readonly sum: ExactSum;
}

/**
 * Lifts a metric with a value per query to an accumulator over batches: exact sums, rounded once at the end, so that batches and merges leave no trace.
 * @example
 * const accumulator = meanMetric(cmc(1));
 * const state = accumulator.init();
 * for await (const rr of results) accumulator.update(state, rr);
 * accumulator.value(state); // null when there were no queries
 */
export function meanMetric(metric: QueryMetric): Metric<MeanState, number | null> {
  return {
    name: metric.name,
    init: () => ({ queries: 0, sum: new ExactSum() }),
    update(state, rr) {
      if (rr.length === 0) return;
      const terms = perQuery(metric, rr);
      toTerms(metric, terms);
      for (let q = 0; q < terms.length; q++) state.sum.add(terms[q]);
      state.queries += terms.length;
    },
    merge(into, other) {
      into.sum.merge(other.sum);
      into.queries += other.queries;
    },
    value: (state) => reduced(metric, state.sum, state.queries),
  };
}

/** The value of every query of a batch, in its order. @throws UserError when the results carry no relevance */
export function perQuery(metric: QueryMetric, rr: RetrievalResults): Float64Array {
  const values = new Float64Array(rr.length);
  metric.score(judgedView(rr), values);
  return values;
}
