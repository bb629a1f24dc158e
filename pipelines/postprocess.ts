import { UserError } from '../src/data/errors.js';
import { readRetrieval } from '../src/io/retrieval-file.js';
import { parseChain } from '../src/postprocess/registry.js';
import type { Results } from '../src/report/results.js';
import { runChain } from './chain.js';
import type { RunContext } from './evaluate.js';
import { assertAllWritable } from './files.js';
import { planMetrics, refuseItemMetrics } from './metric-options.js';
import { withMore } from './more-values.js';
import type { OptionName, Options } from './options.js';
import { silent } from './progress.js';
import { resultsOf, stopwatch } from './results.js';

/** The options of `rankstream postprocess`. */
export const POSTPROCESS_OPTIONS = ['items', 'with', 'out', 'metrics', 'by', 'json', 'config'] as const satisfies readonly OptionName[];

/**
 * RR -> RR_upd on saved results: applies a chain of post-processors and writes the outcome to `out`.
 * @returns metrics before and after; undefined when the results carry no relevance
 * @throws UserError for every mistake in the options or the data
 */
export async function runPostprocess(options: Options, { progress = silent, signal }: RunContext = {}): Promise<Results | undefined> {
  const lap = stopwatch();
  const { items, out } = options;
  if (items === undefined) throw new UserError('give the saved results to process, for example rr.arrow');
  if (options.with === undefined) throw new UserError('say what to do: --with SPEC, for example --with constant-threshold:0.8');
  if (out === undefined)
    throw new UserError('say where the results go: --out FILE (.arrow, .arrows, .parquet), or --out - for an Arrow stream on stdout');
  const postprocessors = await parseChain(options.with);
  const plan = planMetrics(options);
  refuseItemMetrics(plan);
  await assertAllWritable(out);

  const judged = items !== '-' && (await isJudged(items));
  if (!judged && (options.metrics !== undefined || options.by !== undefined)) {
    throw new UserError(`${items}: the results carry no relevance, so nothing can be measured; leave out --metrics and --by`);
  }
  progress.start('queries');
  const measured = judged ? { metrics: plan.metrics, pairs: plan.pairs } : {};
  const chain = { ...measured, by: options.by ?? [], postprocessors, results: out, progress, signal };
  const outcome = await runChain(readRetrieval(items), undefined, chain);
  return judged ? resultsOf(withMore(outcome, plan.names), postprocessors, { queries: lap() }) : undefined;
}

async function isJudged(file: string): Promise<boolean> {
  for await (const rr of readRetrieval(file)) return rr.gains !== undefined;
  return false;
}
