import { defer, map, type OperatorFunction } from 'rxjs';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { Accumulator } from '../src/metrics/accumulator.js';
import { type EvaluationValue, evaluation, type MetricValues } from '../src/metrics/evaluation.js';
import type { QueryMetric } from '../src/metrics/metric.js';
import { named } from './stage.js';

export interface EvaluateOptions {
  /** Query columns by whose values the metrics are also computed. */
  readonly by?: readonly string[];
}

/** The metrics of all batches so far. It moves on with the stream; `snapshot` freezes it. */
export interface RunningEvaluation extends EvaluationValue {
  snapshot(): EvaluationValue;
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
      const accumulator = new Accumulator(evaluation({ metrics, by: options.by }));
      const view = new View(accumulator);
      return results.pipe(
        map((rr) => {
          accumulator.update(rr);
          return view;
        }),
      );
    }),
  );
}

class View implements RunningEvaluation {
  readonly #accumulator: { value(): EvaluationValue };

  constructor(accumulator: { value(): EvaluationValue }) {
    this.#accumulator = accumulator;
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
    return this.#accumulator.value();
  }
}
