import { UserError } from '../src/data/errors.js';
import { readRetrieval } from '../src/io/retrieval-file.js';
import type { Results } from '../src/report/results.js';
import { runChain } from './chain.js';
import type { RunContext } from './evaluate.js';
import { assertAllWritable, writeText } from './files.js';
import { planMetrics, refuseItemMetrics } from './metric-options.js';
import type { OptionName, Options } from './options.js';
import { silent } from './progress.js';
import { resultsFile, resultsOf, stopwatch } from './results.js';

/** The options of `rankstream metrics`. */
export const METRICS_OPTIONS = ['items', 'metrics', 'by', 'per-query', 'out', 'json', 'config'] as const satisfies readonly OptionName[];

/**
 * Metrics of saved results.
 * @throws UserError for every mistake in the options or the data, and for results without relevance
 */
export async function runMetrics(options: Options, { progress = silent, signal }: RunContext = {}): Promise<Results> {
  const lap = stopwatch();
  const { items } = options;
  if (items === undefined) throw new UserError('give the saved results to measure, for example rr.arrow');
  const plan = planMetrics(options);
  refuseItemMetrics(plan);
  await assertAllWritable(options.out, options.perQuery);
  progress.start('queries');
  const { metrics, pairs, names } = plan;
  const chain = { metrics, pairs, by: options.by ?? [], postprocessors: [], perQuery: options.perQuery, progress, signal };
  const outcome = await runChain(readRetrieval(items), undefined, chain);
  const results = resultsOf({ outcome, names, seconds: { queries: lap() } });
  if (options.out !== undefined) await writeText(options.out, resultsFile(results));
  return results;
}
