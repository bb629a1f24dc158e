import { UserError } from '../src/data/errors.js';
import type { Results } from '../src/report/results.js';
import { runChain } from './chain.js';
import type { RunContext } from './evaluate.js';
import { assertAllWritable, writeText } from './files.js';
import { cutoffWarnings, planMetrics } from './metric-options.js';
import type { OptionName, Options } from './options.js';
import { silent } from './progress.js';
import { resultsFile, resultsOf, stopwatch } from './results.js';
import { readParts } from './retrieval-inputs.js';
import { saveOutcome } from './state-file.js';

/** The options of `rankstream metrics`. */
export const METRICS_OPTIONS = [
  'inputs',
  'metrics',
  'by',
  'per-query',
  'save-state',
  'out',
  'json',
  'config',
] as const satisfies readonly OptionName[];

/**
 * Metrics of saved results; several files are measured as one.
 * @throws UserError for every mistake in the options or the data, and for results without relevance
 */
export async function runMetrics(options: Options, { progress = silent, signal }: RunContext = {}): Promise<Results> {
  const lap = stopwatch();
  const { inputs = [], saveState } = options;
  if (inputs.length === 0) throw new UserError('give the saved results to measure, for example rr.arrow');
  const { metrics } = planMetrics(options);
  await assertAllWritable(options.out, options.perQuery, saveState);
  progress.start('queries');
  const chain = { metrics, by: options.by ?? [], postprocessors: [], perQuery: options.perQuery, progress, signal };
  const outcome = await runChain(readParts(inputs), undefined, chain);
  const names = metrics.map(({ name }) => name);
  const results = resultsOf(outcome, [], { queries: lap() }, cutoffWarnings(names, outcome.info.k));
  if (saveState !== undefined) await saveOutcome(saveState, outcome, []);
  if (options.out !== undefined) await writeText(options.out, resultsFile(results));
  return results;
}
