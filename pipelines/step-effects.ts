import { measure, type Stage } from '../operators/index.js';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { Accumulator } from '../src/metrics/accumulator.js';
import { type EvaluationValue, evaluation, type MetricValues } from '../src/metrics/evaluation.js';
import type { QueryMetric } from '../src/metrics/metric.js';
import type { SavedState } from '../src/metrics/savable.js';
import type { Postprocessor } from '../src/postprocess/postprocessor.js';
import type { PostprocessStep } from '../src/report/results.js';
import { Clock } from './clock.js';

/** A step, with how many results it was given and has kept. */
export type MeasuredStep = PostprocessStep & Required<Pick<PostprocessStep, 'results'>>;

/** What the steps of a chain did, while it runs. */
export interface StepEffects {
  /** The steps, timed and counted. */
  readonly steps: readonly Postprocessor<unknown>[];
  /** Measures what comes out of step i, where nothing else does: the last step is followed by the evaluation itself. */
  measureAfter(i: number): Stage<RetrievalResults, RetrievalResults> | undefined;
  /** What they did, when the chain has ended. @param baseline before the first step @param value behind the last */
  of(baseline: EvaluationValue | undefined, value: EvaluationValue | undefined): MeasuredStep[];
  /** What was accumulated behind each step but the last, to be saved; empty where nothing is measured. */
  states(): SavedState[];
}

/** @param metrics what is measured behind each step, over all queries; none: steps are timed and counted only */
export function stepEffects(postprocessors: readonly Postprocessor<unknown>[], metrics: readonly QueryMetric[]): StepEffects {
  const clocks = postprocessors.map(() => new Clock());
  const counts = postprocessors.map(() => ({ before: 0, after: 0 }));
  const metric = evaluation({ metrics });
  const between = metrics.length > 0 ? postprocessors.slice(1).map(() => new Accumulator(metric)) : [];
  return {
    steps: postprocessors.map((step, i) => watched(step, clocks[i], counts[i])),
    measureAfter: (i) => between[i] && measure(between[i]),
    of: (baseline, value) =>
      withChanges(
        postprocessors.map(({ name, params }, i) => ({ name, params, seconds: clocks[i].seconds, results: counts[i] })),
        metrics.length > 0 ? [baseline, ...between.map((accumulator) => accumulator.value()), value] : [],
      ),
    states: () => between.map(({ state }) => metric.saveState(state)),
  };
}

/** Steps with what each metric gained by them. @param values before the first step, and behind each; none: nothing was measured */
export function withChanges(
  steps: readonly MeasuredStep[],
  values: readonly (Pick<EvaluationValue, 'metrics'> | undefined)[],
): MeasuredStep[] {
  return steps.map((step, i) => ({ ...step, change: changeOf(values[i]?.metrics, values[i + 1]?.metrics) }));
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
      update: (state, rr) => clock.during(() => fit.update(state, rr)),
    },
    async process(rr, context, fitted) {
      const after = await clock.during(() => step.process(rr, context, fitted));
      count.before += rr.ids.length;
      count.after += after.ids.length;
      return after;
    },
  };
}
