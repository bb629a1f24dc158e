import { basename } from 'node:path';
import { parsePostprocessor } from '../src/postprocess/registry.js';
import type { Results } from '../src/report/results.js';
import { SHOWN_COLUMNS } from '../src/report/show.js';
import type { ChainOptions, Outcome } from './chain.js';
import { assertAllWritable, writeText } from './files.js';
import { planMetrics } from './metric-options.js';
import type { OptionName, Options } from './options.js';
import { runSearchChain } from './planned-search.js';
import { type Progress, silent } from './progress.js';
import { writeReport } from './report.js';
import { resultsFile, resultsOf, stopwatch } from './results.js';
import { openSets } from './sets.js';

/** The options of `rankstream evaluate`, under the names of the flags. */
export const EVALUATE_OPTIONS = [
  'items',
  'queries',
  'gallery',
  'embeddings',
  'column',
  'same-id',
  'k',
  'distance',
  'device',
  'with',
  'metrics',
  'by',
  'results',
  'save-relevance',
  'per-query',
  'out',
  'report',
  'worst',
  'worst-by',
  'queries-to-show',
  'images-root',
  'batch',
  'threads',
  'memory',
  'verbose',
  'json',
  'config',
] as const satisfies readonly OptionName[];

/** How a pipeline is run, beside what it is asked to do. */
export interface RunContext {
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Search, post-processing and metrics: the main job.
 * @returns the results; files named in the options are written
 * @throws UserError for every mistake in the options or the data; outputs that cannot be written are found out before the search
 * @example const { metrics } = await runEvaluate({ items: 'items.parquet', metrics: 'cmc@1,map@10', by: ['category'] });
 */
export async function runEvaluate(options: Options, { progress = silent, signal }: RunContext = {}): Promise<Results> {
  const lap = stopwatch();
  const plan = planMetrics(options);
  const postprocessors = (options.with ?? []).map(parsePostprocessor);
  const by = options.by ?? [];
  await assertAllWritable(options.results, options.perQuery, options.out, options.report);

  const { k } = plan;
  const { report } = options;
  const columns = report === undefined ? [] : SHOWN_COLUMNS;
  const sets = await openSets(options, { queryColumns: by, labels: true, k, columns }, progress);
  const { gallery, streamed } = sets.planned;
  const seconds: Record<string, number> = { gallery: lap() };

  const finish = async (outcome: Outcome): Promise<Results> => {
    seconds.queries = lap();
    const results = resultsOf(outcome, postprocessors, seconds, [...plan.warnings, ...absent(options.queriesToShow, outcome.queries)]);
    if (options.out !== undefined) await writeText(options.out, resultsFile(results));
    return results;
  };
  const chain = {
    metrics: plan.metrics,
    by,
    postprocessors,
    context: streamed ? {} : { gallery: sets.planned.gallery },
    results: options.results,
    perQuery: options.perQuery,
    progress,
    signal,
  };
  const run = (more: Partial<ChainOptions>) => runSearchChain(sets, k, options, { ...chain, ...more });
  if (report === undefined) return finish(await run({}));

  // The report looks at results on disk, which are there only while `keep` runs.
  let results: Results | undefined;
  await run({
    worst: { by: plan.worstBy, count: options.worst ?? 5 },
    keep: async (kept) => {
      results = await finish(kept);
      const show = options.queriesToShow ?? [];
      const title = basename(options.items ?? (options.queries as string));
      await writeReport(report, {
        title,
        results,
        kept,
        gallery,
        worstBy: plan.worstBy,
        show,
        picturesRoot: options.imagesRoot ?? sets.folder,
      });
      seconds.report = lap();
    },
  });
  return { ...(results as unknown as Results), seconds };
}

function absent(rows: readonly number[] = [], queries: number): string[] {
  const beyond = rows.filter((row) => row >= queries);
  return beyond.length > 0 ? [`queries to show: ${beyond.join(', ')} not there; rows are 0 to ${queries - 1}`] : [];
}
