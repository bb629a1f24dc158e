import { measure, type Stage } from '../operators/index.js';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { Accumulator } from '../src/metrics/accumulator.js';
import { type EvaluationValue, evaluation, type MetricValues } from '../src/metrics/evaluation.js';
import type { QueryMetric } from '../src/metrics/metric.js';
import type { Postprocessor } from '../src/postprocess/postprocessor.js';
import type { PostprocessStep } from '../src/report/results.js';

/** What the steps of a chain did, while it runs. */
export interface StepEffects {
  /** The steps, timed and counted. */
  readonly steps: readonly Postprocessor<unknown>[];
  /** Measures what comes out of step i, where nothing else does: the last step is followed by the evaluation itself. */
  measureAfter(i: number): Stage<RetrievalResults, RetrievalResults> | undefined;
  /** What they did, when the chain has ended. @param baseline before the first step @param value behind the last */
  of(baseline: EvaluationValue | undefined, value: EvaluationValue | undefined): PostprocessStep[];
}

/** @param metrics what is measured behind each step, over all queries; none: steps are timed and counted only */
export function stepEffects(postprocessors: readonly Postprocessor<unknown>[], metrics: readonly QueryMetric[]): StepEffects {
  const clocks = postprocessors.map(() => new Clock());
  const counts = postprocessors.map(() => ({ before: 0, after: 0 }));
  const between = postprocessors.slice(1).map(() => (metrics.length > 0 ? new Accumulator(evaluation({ metrics })) : undefined));
  return {
    steps: postprocessors.map((step, i) => watched(step, clocks[i], counts[i])),
    measureAfter: (i) => between[i] && measure(between[i]),
    of(baseline, value) {
      const measured = [baseline, ...between.map((accumulator) => accumulator?.value()), value].map((one) => one?.metrics);
      return postprocessors.map(({ name, params }, i) => ({
        name,
        params,
        seconds: clocks[i].seconds,
        results: counts[i],
        change: changeOf(measured[i], measured[i + 1]),
      }));
    },
  };
}

function changeOf(before: MetricValues | undefined, after: MetricValues | undefined): MetricValues | undefined {
  if (!before || !after) return undefined;
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, value === null || before[name] === null ? null : value - before[name]]),
  );
}

/** The same step, its work timed and its results counted. */
function watched(step: Postprocessor<unknown>, clock: Clock, count: { before: number; after: number }): Postprocessor<unknown> {
  const { fit } = step;
  return {
    ...step,
    fit: fit && {
      ...fit,
      update(state, rr) {
        clock.start();
        fit.update(state, rr);
        clock.stop();
      },
    },
    async process(rr, context, fitted) {
      clock.start();
      const after = await step.process(rr, context, fitted);
      clock.stop();
      count.before += rr.ids.length;
      count.after += after.ids.length;
      return after;
    },
  };
}

/** Wall time during which work is under way; pieces of work may overlap. */
class Clock {
  #running = 0;
  #since = 0;
  #milliseconds = 0;

  get seconds(): number {
    return Math.round(this.#milliseconds) / 1000;
  }

  start(): void {
    if (this.#running++ === 0) this.#since = performance.now();
  }

  stop(): void {
    if (--this.#running === 0) this.#milliseconds += performance.now() - this.#since;
  }
}
