import { UserError } from '../src/data/errors.js';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { readRetrieval } from '../src/io/retrieval-file.js';
import type { Results } from '../src/report/results.js';
import { runChain } from './chain.js';
import { assertAllWritable } from './files.js';
import { planMetrics, refuseItemMetrics } from './metric-options.js';
import { withMore } from './more-values.js';
import { openChain } from './open-chain.js';
import type { OptionName, Options } from './options.js';
import { silent } from './progress.js';
import { resultsOf, stopwatch } from './results.js';
import type { RunContext } from './run-context.js';
import { openSavedInputs } from './saved-inputs.js';

/** The options of `rankstream postprocess`. */
export const POSTPROCESS_OPTIONS = [
  'items',
  'with',
  'queries',
  'gallery',
  'embeddings',
  'column',
  'root',
  'batch',
  'out',
  'metrics',
  'by',
  'json',
  'config',
] as const satisfies readonly OptionName[];

/**
 * RR -> RR_upd on saved results: applies a chain of post-processors and writes the outcome to `out`. Steps that look at embeddings or pictures get
 * them from `queries` and `gallery`, which must be those of the search.
 * @returns metrics before and after; undefined when the results carry no relevance
 * @throws UserError for every mistake in the options or the data
 */
export async function runPostprocess(
  options: Options,
  { progress = silent, signal, items: tensors }: RunContext = {},
): Promise<Results | undefined> {
  const lap = stopwatch();
  const { items, out } = options;
  if (items === undefined) throw new UserError('give the saved results to process, for example rr.arrow');
  if (options.with === undefined) throw new UserError('say what to do: --with SPEC, for example --with constant-threshold:0.8');
  if (out === undefined)
    throw new UserError('say where the results go: --out FILE (.arrow, .arrows, .parquet), or --out - for an Arrow stream on stdout');
  await using opened = await openChain(options.with);
  const postprocessors = opened.steps;
  const plan = planMetrics(options);
  refuseItemMetrics(plan);
  await assertAllWritable(out);

  const first = items === '-' ? undefined : await firstBatch(items);
  const judged = first?.gains !== undefined;
  if (!judged && (options.metrics !== undefined || options.by !== undefined)) {
    throw new UserError(`${items}: the results carry no relevance, so nothing can be measured; leave out --metrics and --by`);
  }
  const inputs = await openSavedInputs(postprocessors, options, first, tensors, progress);
  progress.start('queries');
  const measured = judged ? { metrics: plan.metrics, pairs: plan.pairs } : {};
  const chain = { ...inputs, ...measured, by: options.by ?? [], postprocessors, results: out, progress, signal };
  const outcome = await runChain(readRetrieval(items), undefined, chain);
  return judged ? resultsOf(withMore(outcome, plan.names), outcome.steps, { queries: lap() }) : undefined;
}

async function firstBatch(file: string): Promise<RetrievalResults | undefined> {
  for await (const rr of readRetrieval(file)) return rr;
  return undefined;
}
