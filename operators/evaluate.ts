import { defer, map, type OperatorFunction } from 'rxjs';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { type Evaluation, type EvaluationValue, evaluation, type MetricValues } from '../src/metrics/evaluation.js';
import type { EvaluationState } from '../src/metrics/evaluation-state.js';
import type { QueryMetric } from '../src/metrics/metric.js';
import type { SavedState } from '../src/metrics/savable.js';
import { named } from './stage.js';

export interface EvaluateOptions {
  /** Query columns by whose values the metrics are also computed. */
  readonly by?: readonly string[];
}

/** The metrics of all batches so far. It moves on with the stream; `snapshot` freezes it. */
export interface RunningEvaluation extends EvaluationValue {
  snapshot(): EvaluationValue;
  /** What was accumulated so far, to be merged elsewhere or later. */
  saveState(): SavedState;
}

/**
 * RetrievalResults -> the running metrics, after each batch; the last emission is the result. Metrics are computed when they are read, so a view
 * that nobody reads costs nothing.
 * @example
 * const result = await pump(queries, {}, search(gallery), evaluate([cmc(1), map(10)], { by: ['category'] })).last();
 * result.metrics['cmc@1'];
 * @throws UserError in the stream: results without relevance, an unknown column in `by`
 */
export function evaluate(
  metrics: readonly QueryMetric[],
  options: EvaluateOptions = {},
): OperatorFunction<RetrievalResults, RunningEvaluation> {
  return named('evaluate', (results) =>
    defer(() => {
      const metric = evaluation({ metrics, by: options.by });
      const state = metric.init();
      const view = new View(metric, state);
      return results.pipe(
        map((rr) => {
          metric.update(state, rr);
          return view;
        }),
      );
    }),
  );
}

class View implements RunningEvaluation {
  readonly #metric: Evaluation;
  readonly #state: EvaluationState;

  constructor(metric: Evaluation, state: EvaluationState) {
    this.#metric = metric;
    this.#state = state;
  }

  get metrics(): MetricValues {
    return this.snapshot().metrics;
  }

  get by(): Record<string, Record<string, MetricValues>> {
    return this.snapshot().by;
  }

  get queries(): number {
    return this.snapshot().queries;
  }

  get warnings(): string[] {
    return this.snapshot().warnings;
  }

  snapshot(): EvaluationValue {
    return this.#metric.value(this.#state);
  }

  saveState(): SavedState {
    return this.#metric.saveState(this.#state);
  }
}
