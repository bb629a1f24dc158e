import { fuse, zip } from '../operators/index.js';
import { UserError } from '../src/data/errors.js';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { assertRunName, writeRun } from '../src/io/trec/write-run.js';
import { parseMetric } from '../src/metrics/registry.js';
import { parseFusion, parseNormalisation, parseWeightedFusion } from '../src/postprocess/fusion/registry.js';
import { type TunedWeights, tuneWeights } from '../src/postprocess/fusion/tune-weights.js';
import type { PostprocessStep, Results } from '../src/report/results.js';
import { runChain } from './chain.js';
import { assertAllWritable } from './files.js';
import { type FuseInputs, openFuseInputs } from './fuse-inputs.js';
import { planMetrics, refuseItemMetrics } from './metric-options.js';
import { withMore } from './more-values.js';
import type { OptionName, Options } from './options.js';
import { type Progress, silent } from './progress.js';
import { resultsOf, stopwatch } from './results.js';
import type { RunContext } from './run-context.js';

/** The options of `rankstream fuse`. */
export const FUSE_OPTIONS = [
  'inputs',
  'qrels',
  'method',
  'normalise',
  'weights',
  'tune-weights',
  'weight-step',
  'folds',
  'seed',
  'k',
  'metrics',
  'relevance-level',
  'by',
  'out',
  'json',
  'config',
] as const satisfies readonly OptionName[];

export interface FuseOutcome {
  readonly queries: number;
  /** Absent when the inputs carry no relevance. */
  readonly results?: Results;
}

const TUNING = ['weightStep', 'folds', 'seed'] as const;

/**
 * Several retrievals of the same queries as one: saved results, or, with `qrels`, runs. The outcome is written to `out`: results; of runs a run, unless
 * the name says results (.arrow, .arrows, .parquet).
 * @throws UserError for every mistake in the options or the data: an unknown method, other queries, another gallery, results without relevance that are
 * to be measured
 * @example await runFuse({ inputs: ['image.arrow', 'text.arrow'], method: 'sum', weights: [0.4, 0.6], out: 'both.arrow' });
 */
export async function runFuse(options: Options, { progress = silent, signal }: RunContext = {}): Promise<FuseOutcome> {
  const lap = stopwatch();
  const { inputs: paths = [], weights: given, normalise: scale = 'min-max', tuneWeights: target, k, out } = options;
  if (paths.length < 2) throw new UserError('give at least two retrievals to fuse, for example a.arrow b.arrow');
  const weighted = given !== undefined || target !== undefined;
  if (given !== undefined && target !== undefined) throw new UserError('--weights and --tune-weights: choose one of them');
  const alone = TUNING.find((name) => options[name] !== undefined);
  if (alone && target === undefined)
    throw new UserError(`--${alone === 'weightStep' ? 'weight-step' : alone} goes with --tune-weights METRIC`);
  if (given && given.length !== paths.length)
    throw new UserError(`--weights: ${given.length} for ${paths.length} retrievals; give one for each`);
  const { method: spec = weighted ? 'sum' : 'rrf' } = options;
  // What is wrong with the method shows before the files are read.
  parseFusion(spec, weighted ? (given ?? paths.map(() => 1)) : undefined);
  const fusion = { normalise: parseNormalisation(scale), k };
  const plan = planMetrics({ ...options, run: options.qrels });
  refuseItemMetrics(plan);
  const tuneFor = target === undefined ? undefined : parseMetric(target, { level: options.relevanceLevel });
  if (options.qrels !== undefined && out !== undefined) assertRunName(out);
  await assertAllWritable(out);

  const inputs = await openFuseInputs(paths, options.qrels);
  const asked = [options.metrics, options.by, target].some((option) => option !== undefined);
  if (!inputs.judged && asked)
    throw new UserError(
      `${paths[0]}: the results carry no relevance, so nothing can be measured; leave out --metrics, --by and --tune-weights`,
    );
  if (!inputs.judged && out === undefined) throw new UserError('say where the results go: --out FILE (.arrow, .arrows, .parquet)');
  const seconds: Record<string, number> = { reading: lap() };
  const counted = { progress, signal };

  const { weightStep: step, folds, seed } = options;
  const tuned =
    tuneFor &&
    (await tuneWith(inputs, counted, (parts, onQueries) =>
      tuneWeights(parts, tuneFor, { ...fusion, step, folds, seed, method: parseWeightedFusion(spec), onQueries }),
    ));
  if (tuned) seconds.tuning = lap();
  const weights = tuned?.weights ?? given;
  const fused = fuse(inputs.sources, parseFusion(spec, weights), fusion);

  progress.start('queries', inputs.queries);
  const asRun = out !== undefined && inputs.documents !== undefined && !/\.(arrows?|feather|parquet)$/i.test(out);
  const measured = inputs.judged ? { metrics: plan.metrics, pairs: plan.pairs } : {};
  const chain = { ...measured, by: options.by ?? [], postprocessors: [], results: asRun ? undefined : out };
  const outcome = await runChain(fused, undefined, { ...chain, ...counted });
  const warnings = [...plan.warnings, ...inputs.warnings];
  if (asRun && inputs.documents) {
    const written = await writeRun(out, fused, { documents: inputs.documents, runId: `fused-${spec.replace(/:.*/s, '')}` });
    warnings.push(...written.warnings);
  }
  if (!inputs.judged) return { queries: outcome.queries };
  const params = { method: spec, normalise: scale, ...(weights && { weights }), ...(k !== undefined && { k }) };
  const steps: PostprocessStep[] = [{ name: 'fuse', params }];
  const results = resultsOf(withMore(outcome, plan.names), steps, { ...seconds, queries: lap() }, warnings);
  return { queries: outcome.queries, results: tuned ? { ...results, tuned } : results };
}

async function tuneWith(
  inputs: FuseInputs,
  { progress, signal }: { progress: Progress; signal?: AbortSignal },
  tune: (parts: AsyncIterable<readonly RetrievalResults[]>, onQueries: (count: number) => void) => Promise<TunedWeights>,
): Promise<TunedWeights> {
  if (inputs.onlyOnce) throw new UserError('--tune-weights reads the retrievals twice, which stdin cannot; give files');
  progress.start('queries (weights)', inputs.queries);
  try {
    return await tune(zip(inputs.sources), (count) => {
      signal?.throwIfAborted();
      progress.advance(count);
    });
  } finally {
    progress.stop();
  }
}
