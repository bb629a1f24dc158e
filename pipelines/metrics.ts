import { UserError } from '../src/data/errors.js';
import type { Results } from '../src/report/results.js';
import { runChain } from './chain.js';
import { assertAllWritable, writeText } from './files.js';
import { cutoffWarnings, planMetrics, refuseItemMetrics } from './metric-options.js';
import { withMore } from './more-values.js';
import type { OptionName, Options } from './options.js';
import { silent } from './progress.js';
import { resultsFile, resultsOf, stopwatch } from './results.js';
import { readParts } from './retrieval-inputs.js';
import { openRun } from './run.js';
import type { RunContext } from './run-context.js';
import { saveOutcome } from './state-file.js';

/** The options of `rankstream metrics`. */
export const METRICS_OPTIONS = [
  'inputs',
  'run',
  'qrels',
  'complete',
  'depth',
  'metrics',
  'relevance-level',
  'format',
  'each-query',
  'by',
  'per-query',
  'save-state',
  'out',
  'json',
  'config',
] as const satisfies readonly OptionName[];

/**
 * Metrics of saved results, several files as one, or of a run judged by qrels.
 * @throws UserError for every mistake in the options or the data, and for results without relevance
 */
export async function runMetrics(options: Options, { progress = silent, signal }: RunContext = {}): Promise<Results> {
  const lap = stopwatch();
  const { inputs, saveState } = options;
  if (options.eachQuery)
    throw new UserError('--each-query goes with --format trec_eval; --per-query FILE writes the values of every query');
  const plan = planMetrics(options);
  refuseItemMetrics(plan);
  const { metrics, pairs, names } = plan;
  await assertAllWritable(options.out, options.perQuery, saveState);
  const run = await openRun(options);
  if (!run && inputs === undefined)
    throw new UserError('give the saved results to measure, for example rr.arrow, or --run RUN --qrels QRELS');
  const seconds: Record<string, number> = run ? { reading: lap() } : {};
  progress.start('queries', run?.queries);
  const chain = { metrics, pairs, by: options.by ?? [], postprocessors: [], perQuery: options.perQuery, progress, signal };
  const outcome = await runChain(run ?? readParts(inputs as string[]), undefined, chain);
  const ranked = metrics.map(({ name }) => name);
  const warnings = [...cutoffWarnings(ranked, outcome.info.k), ...(run?.warnings ?? [])];
  const results = resultsOf(withMore(outcome, names), [], { ...seconds, queries: lap() }, warnings);
  if (saveState !== undefined) await saveOutcome(saveState, outcome);
  if (options.out !== undefined) await writeText(options.out, resultsFile(results));
  return results;
}
