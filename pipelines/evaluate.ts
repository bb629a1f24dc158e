import { basename } from 'node:path';
import { UserError } from '../src/data/errors.js';
import { parseChain } from '../src/postprocess/registry.js';
import type { Results } from '../src/report/results.js';
import { SHOWN_COLUMNS } from '../src/report/show.js';
import type { ChainOptions, Outcome } from './chain.js';
import { chooseDevice } from './device.js';
import { assertAllWritable, writeText } from './files.js';
import { openJudging } from './judging.js';
import { planMetrics } from './metric-options.js';
import { checkEngine, openSearcher } from './open-searcher.js';
import type { OptionName, Options } from './options.js';
import { runSearchChain } from './planned-search.js';
import { type Progress, silent } from './progress.js';
import { writeReport } from './report.js';
import { resultsFile, resultsOf, stopwatch } from './results.js';
import { openSets } from './sets.js';
import { saveOutcome } from './state-file.js';

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
  'precision',
  'engine',
  'ef',
  'index',
  'qrels',
  'with',
  'metrics',
  'by',
  'results',
  'save-relevance',
  'per-query',
  'save-state',
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
  const postprocessors = await parseChain(options.with ?? []);
  const by = options.by ?? [];
  const { saveState } = options;
  await assertAllWritable(options.results, options.perQuery, saveState, options.out, options.report);
  const fitted = saveState === undefined ? undefined : postprocessors.find(({ fit }) => fit !== undefined);
  if (fitted)
    throw new UserError(
      `--save-state: ${fitted.name} is fitted to all queries of a run, so that the states of parts would not merge to the whole`,
    );
  await checkEngine(options);
  const where = await chooseDevice(options.device);

  const { k } = plan;
  const { report, qrels } = options;
  const columns = [
    ...(report === undefined ? [] : SHOWN_COLUMNS),
    ...(qrels === undefined ? [] : ['id']),
    ...postprocessors.flatMap(({ galleryColumns = [] }) => galleryColumns),
  ];
  const read = await openSets(options, { queryColumns: by, labels: qrels === undefined, k, columns }, progress);
  const { gallery } = read.planned;
  const judging = qrels === undefined ? undefined : await openJudging(qrels, gallery, read.queries);
  const sets = judging ? { ...read, queries: judging.queries } : read;
  const seconds: Record<string, number> = { gallery: lap() };
  await using engine = await openSearcher(sets.planned, options, await where.device, progress, signal);
  seconds.engine = lap();

  const finish = async (outcome: Outcome): Promise<Results> => {
    seconds.queries = lap();
    const approximate = await engine.measured();
    if (approximate) seconds.recall = lap();
    const warnings = [...plan.warnings, ...(judging?.warnings() ?? []), ...absent(options.queriesToShow, outcome.queries)];
    const results = resultsOf(outcome, postprocessors, seconds, warnings, approximate);
    if (saveState !== undefined) await saveOutcome(saveState, outcome, postprocessors);
    if (options.out !== undefined) await writeText(options.out, resultsFile(results));
    return results;
  };
  const chain = {
    metrics: plan.metrics,
    by,
    judge: judging?.stage,
    postprocessors,
    context: read.planned.streamed ? {} : { gallery: read.planned.gallery },
    results: options.results,
    perQuery: options.perQuery,
    progress,
    signal,
  };
  const run = (more: Partial<ChainOptions>) => runSearchChain(sets, k, engine, options, { ...chain, ...more });
  if (report === undefined) return await finish(await run({}));

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
