import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  attachQueries,
  evaluate,
  measure,
  postprocess,
  pump,
  type RunningEvaluation,
  type Stage,
  sink,
  stage,
  writeResults,
} from '../operators/index.js';
import type { EmbeddingBatch } from '../src/data/embedding-batch.js';
import { UserError } from '../src/data/errors.js';
import type { PairMeasure } from '../src/data/pair-counts.js';
import { commonInfo } from '../src/data/retrieval-info.js';
import type { RetrievalInfo, RetrievalResults } from '../src/data/retrieval-results.js';
import { readRetrieval } from '../src/io/retrieval-file.js';
import { Accumulator } from '../src/metrics/accumulator.js';
import { type EvaluationValue, evaluation } from '../src/metrics/evaluation.js';
import type { QueryMetric } from '../src/metrics/metric.js';
import type { PairValues } from '../src/metrics/pair-values.js';
import { retrievedPairs } from '../src/metrics/retrieved-pairs.js';
import type { SavedState } from '../src/metrics/savable.js';
import type { Context, Postprocessor } from '../src/postprocess/postprocessor.js';
import { openPerQueryWriter } from './per-query.js';
import { type Progress, postprocessNotes } from './progress.js';
import { type MeasuredStep, stepEffects } from './step-effects.js';
import { needsQueries } from './step-inputs.js';

export interface ChainOptions {
  /** Absent: nothing is measured. */
  readonly metrics?: readonly QueryMetric[];
  /** Measures of the retrieved pairs. */
  readonly pairs?: readonly PairMeasure[];
  readonly by: readonly string[];
  /** Goes before all else: judges what `first` gives, in place of labels, or checks what comes from a file. */
  readonly entry?: Stage<RetrievalResults, RetrievalResults>;
  readonly postprocessors: readonly Postprocessor<unknown>[];
  /** What each step may use, by its place; none: nothing. */
  readonly contexts?: readonly Context[];
  /** All queries, for steps that need them where the results have lost theirs. */
  readonly queries?: AsyncIterable<EmbeddingBatch>;
  /** File for the last RR. */
  readonly results?: string;
  /** File for the metrics of every query. */
  readonly perQuery?: string;
  /** See the last RR, beside the metrics. */
  readonly watchers?: readonly Accumulator<unknown, unknown, RetrievalResults>[];
  /** Keep all results on disk until `use` is done with them, for a report. */
  readonly keep?: (kept: Kept) => Promise<void>;
  /** Milliseconds without any movement after which a warning says who holds the batches; see `PumpOptions`. */
  readonly stallAfter?: number;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** What a report can look at after the run. */
export interface Kept extends Outcome {
  /** File of the last RR. */
  readonly finalFile: string;
  /** File of the RR before post-processing; absent without post-processors. */
  readonly baselineFile?: string;
}

export interface Outcome {
  readonly queries: number;
  readonly info: RetrievalInfo;
  /** Absent when nothing was measured. */
  readonly value?: EvaluationValue;
  /** Before the first post-processor; absent without one. */
  readonly baseline?: EvaluationValue;
  /** Absent without measures of retrieved pairs. */
  readonly pairs?: PairValues;
  readonly baselinePairs?: PairValues;
  /** What was accumulated, to be saved: of the last RR, and of the one before the first post-processor. Empty when nothing was measured. */
  readonly states: readonly SavedState[];
  readonly baselineStates: readonly SavedState[];
  /** Of the RR behind each post-processor but the last. */
  readonly stepStates: readonly SavedState[];
  /** What each post-processor did. */
  readonly steps: readonly MeasuredStep[];
}

/**
 * The common part of the commands: results from a search or a file go through the post-processors into metrics and files.
 * @param first makes results of the source's batches; absent when the source gives results
 * @throws UserError when there are no queries, or what a stage says
 */
export async function runChain<A>(
  source: AsyncIterable<A>,
  first: Stage<A, RetrievalResults> | undefined,
  options: ChainOptions,
): Promise<Outcome> {
  const { metrics, by, postprocessors, progress } = options;
  const measures = options.pairs ?? [];
  // A report, and a second pass for exact quantiles, look at the results again.
  const folder = (options.keep || measures.length > 0) && (await mkdtemp(join(tmpdir(), 'rankstream-')));
  const baselineFile = folder && postprocessors.length > 0 ? join(folder, 'baseline.arrow') : undefined;
  const finalFile = options.results && options.results !== '-' ? options.results : folder && join(folder, 'final.arrow');

  let queries = 0;
  let info: RetrievalInfo = {};
  const found = stage('progress', (rr: RetrievalResults) => {
    progress.advance(rr.length);
    return rr;
  });
  const notes = postprocessNotes(progress);
  const watch = stage('info', (rr: RetrievalResults) => {
    // Parts of one query set may have been searched on several devices. An empty batch may not know where it comes from.
    if (rr.length > 0) info = queries === 0 ? rr.info : commonInfo(info, rr.info);
    queries += rr.length;
    if (postprocessors.length > 0) notes.queries(rr.length);
    return rr;
  });
  const accumulator = evaluation({ metrics: metrics ?? [], by });
  const baseline = metrics && postprocessors.length > 0 ? new Accumulator(accumulator) : undefined;
  const pairMetric = retrievedPairs(measures);
  const pairs = measures.length > 0 ? new Accumulator(pairMetric) : undefined;
  const baselinePairs = pairs && postprocessors.length > 0 ? new Accumulator(pairMetric) : undefined;

  const stages: unknown[] = first ? [first] : [];
  stages.push(found);
  if (options.entry) stages.push(options.entry);
  if (baseline) stages.push(measure(baseline));
  if (baselinePairs) stages.push(measure(baselinePairs));
  if (baselineFile) stages.push(writeResults(baselineFile));
  const effects = stepEffects(postprocessors, metrics ?? []);
  effects.steps.forEach((step, i) => {
    const queries = needsQueries(step) ? options.queries : undefined;
    if (queries) stages.push(attachQueries(queries));
    stages.push(postprocess(step, { ...options.contexts?.[i], onPairs: notes.pairs }, queries));
    const measured = effects.measureAfter(i);
    if (measured) stages.push(measured);
  });
  stages.push(watch);
  for (const watcher of options.watchers ?? []) stages.push(measure(watcher));
  if (pairs) stages.push(measure(pairs));
  if (options.perQuery) stages.push(sink('perQuery', openPerQueryWriter(options.perQuery, metrics ?? [])));
  if (options.results === '-') stages.push(writeResults('-'));
  if (finalFile) stages.push(writeResults(finalFile));
  if (metrics) stages.push(evaluate(metrics, { by }));

  try {
    const { signal, stallAfter } = options;
    const running = pump<RunningEvaluation | RetrievalResults>(source, { signal, stallAfter }, ...(stages as Stage<never, unknown>[]));
    const last = await running.last();
    progress.stop();
    if (last === undefined || queries === 0) throw new UserError('there are no queries');
    const measured = 'snapshot' in last ? last : undefined;
    const [before, value] = [baseline?.value(), measured?.snapshot()];
    const outcome: Outcome = {
      queries,
      info,
      value,
      baseline: before,
      steps: effects.of(before, value),
      pairs: pairs && (await exactly(pairs, finalFile as string)),
      baselinePairs: baselinePairs && (await exactly(baselinePairs, baselineFile as string)),
      states: [...(measured ? [measured.saveState()] : []), ...(pairs ? [pairMetric.saveState(pairs.state)] : [])],
      baselineStates: [
        ...(baseline ? [accumulator.saveState(baseline.state)] : []),
        ...(baselinePairs ? [pairMetric.saveState(baselinePairs.state)] : []),
      ],
      stepStates: effects.states(),
    };
    await options.keep?.({ ...outcome, finalFile: finalFile as string, baselineFile });
    return outcome;
  } finally {
    progress.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  }
}

/** The value of an accumulator, after further passes over saved results where it needs them. */
async function exactly<S, V>(accumulator: Accumulator<S, V, RetrievalResults>, file: string): Promise<V> {
  let last = accumulator;
  for (let next = last.refine(); next; next = last.refine()) {
    for await (const rr of readRetrieval(file)) next.update(rr);
    last = next;
  }
  return last.value();
}
