import { basename } from 'node:path';
import { UserError } from '../src/data/errors.js';
import { parseTransforms } from '../src/embeddings/registry.js';
import { Accumulator } from '../src/metrics/accumulator.js';
import { worstQueries } from '../src/metrics/worst.js';
import type { Postprocessor } from '../src/postprocess/postprocessor.js';
import type { Results } from '../src/report/results.js';
import { SHOWN_COLUMNS } from '../src/report/show.js';
import type { ChainOptions, Outcome } from './chain.js';
import { chooseDevice } from './device.js';
import { assertAllWritable, writeText } from './files.js';
import { openJudging } from './judging.js';
import { planMetrics } from './metric-options.js';
import { embedInputs } from './model-inputs.js';
import { type MoreValues, withMore } from './more-values.js';
import { openChain } from './open-chain.js';
import { checkEngine, openSearcher, RUNNING, SEARCHING } from './open-searcher.js';
import type { OptionName, Options } from './options.js';
import { runSearchChain } from './planned-search.js';
import { silent } from './progress.js';
import { writeReport } from './report.js';
import { resultsFile, resultsOf, stopwatch } from './results.js';
import type { RunContext } from './run-context.js';
import { openSets } from './sets.js';
import { saveOutcome } from './state-file.js';
import { itemColumns, needsQueries, stepColumns, stepContexts } from './step-inputs.js';
import { transformSets } from './transform-sets.js';
import { measureItems, measurePairs, refuseMore, residentGallery } from './whole-sets.js';

/** The options of `rankstream evaluate`, under the names of the flags. */
export const EVALUATE_OPTIONS = [
  ...SEARCHING,
  'qrels',
  'transform',
  'with',
  'metrics',
  'by',
  'pairs',
  'results',
  'save-relevance',
  'per-query',
  'save-state',
  'out',
  'report',
  'worst',
  'worst-by',
  'queries-to-show',
  ...RUNNING,
  'json',
  'config',
] as const satisfies readonly OptionName[];

/**
 * Search, post-processing and metrics: the main job.
 * @returns the results; files named in the options are written
 * @throws UserError for every mistake in the options or the data; outputs that cannot be written are found out before the search
 * @example const { metrics } = await runEvaluate({ items: 'items.parquet', metrics: 'cmc@1,map@10', by: ['category'] });
 */
export async function runEvaluate(given: Options, context: RunContext = {}): Promise<Results> {
  const { progress = silent, signal, items } = context;
  const plan = planMetrics(given);
  const transforms = parseTransforms(given.transform ?? []);
  await using opened = await openChain(given.with ?? []);
  const postprocessors = opened.steps;
  const by = given.by ?? [];
  const { saveState, qrels } = given;
  await assertAllWritable(given.results, given.perQuery, saveState, given.out, given.report);
  const fitted = saveState === undefined ? undefined : postprocessors.find(({ fit }) => fit !== undefined);
  if (fitted)
    throw new UserError(
      `--save-state: ${fitted.name} is fitted to all queries of a run, so that the states of parts would not merge to the whole`,
    );
  const pairsOfAll = given.pairs === 'retrieved' ? [] : plan.pairs;
  refuseMore({ ...plan, pairs: pairsOfAll }, given);
  await checkEngine(given);
  const where = await chooseDevice(given.device);
  refuseLostQueries(postprocessors, given.queries);

  const needs = { queryColumns: by, labels: qrels === undefined };
  await using embedded = await embedInputs(given, needs, context);
  const { options } = embedded;
  const lap = stopwatch();
  const { k } = plan;
  const { report, distance, threads } = options;
  const compared = itemColumns(postprocessors, items !== undefined);
  const columns = [
    ...(report === undefined ? [] : SHOWN_COLUMNS),
    ...(qrels === undefined ? [] : ['id']),
    ...compared.flatMap(({ reads }) => reads),
    ...(plan.items.length > 0 ? by : []),
    ...postprocessors.flatMap(({ galleryColumns = [] }) => galleryColumns),
  ];
  const read = await openSets(
    options,
    { ...needs, names: embedded.names, stepColumns: stepColumns(postprocessors), itemColumns: compared, k, columns },
    progress,
  );
  if (pairsOfAll.length > 0) residentGallery(read.planned, pairsOfAll);
  const judging = qrels === undefined ? undefined : await openJudging(qrels, read.planned.gallery, read.queries);
  const seconds: Record<string, number> = { ...embedded.seconds, gallery: lap() };
  const judged = judging ? { ...read, queries: judging.queries } : read;
  await using transformed = await transformSets(judged, transforms, options, await where.device);
  const { sets } = transformed;
  const { gallery } = sets.planned;
  if (transforms.length > 0) seconds.transform = lap();
  const picturesRoot = options.root ?? sets.folder;
  const contexts = stepContexts(postprocessors, { planned: sets.planned, items, root: picturesRoot });
  await using engine = await openSearcher(sets.planned, options, await where.device, progress, signal);
  seconds.engine = lap();

  const finish = async (outcome: Outcome): Promise<Results> => {
    seconds.queries = lap();
    const approximate = await engine.measured();
    if (approximate) seconds.recall = lap();
    const more: MoreValues[] = [];
    if (plan.items.length > 0) {
      more.push(await measureItems(sets, plan.items, by, progress));
      seconds.items = lap();
    }
    if (pairsOfAll.length > 0) {
      more.push(await measurePairs(sets, pairsOfAll, { distance, threads, signal, changed: postprocessors.length > 0 }, progress));
      seconds.pairs = lap();
    }
    const warnings = [
      ...plan.warnings,
      ...embedded.warnings,
      ...(judging?.warnings() ?? []),
      ...absent(options.queriesToShow, outcome.queries),
    ];
    const measured = resultsOf(withMore(outcome, plan.names, more), outcome.steps, seconds, warnings, approximate);
    const results = { ...measured, ...embedded.used, ...(transforms.length > 0 && { transform: transformed.steps() }) };
    if (saveState !== undefined) await saveOutcome(saveState, outcome, transforms);
    if (options.out !== undefined) await writeText(options.out, resultsFile(results));
    return results;
  };
  const chain = {
    metrics: plan.metrics,
    pairs: options.pairs === 'retrieved' ? plan.pairs : [],
    by,
    entry: judging?.stage,
    postprocessors,
    contexts,
    queries: sets.queries,
    results: options.results,
    perQuery: options.perQuery,
    progress,
    signal,
  };
  const run = (more: Partial<ChainOptions>) => runSearchChain(sets, k, engine, options, { ...chain, ...more });
  if (report === undefined) return await finish(await run({}));

  // The report looks at results on disk, which are there only while `keep` runs.
  let results: Results | undefined;
  const worst = new Accumulator(worstQueries(plan.worstBy, options.worst ?? 5));
  await run({
    watchers: [worst],
    keep: async (kept) => {
      results = await finish(kept);
      const show = options.queriesToShow ?? [];
      const title = basename(given.items ?? (given.queries as string));
      await using shown = embedded.show();
      await writeReport(report, {
        title,
        results,
        kept,
        gallery,
        worstBy: plan.worstBy,
        worst: worst.value(),
        show,
        picturesRoot,
        showItem: shown.show,
      });
      seconds.report = lap();
    },
  });
  return { ...(results as unknown as Results), seconds };
}

/** A two-pass step loses the queries' batches, so that they are read once more behind it. @throws UserError where they come from stdin */
function refuseLostQueries(steps: readonly Postprocessor<unknown>[], queries: string | undefined): void {
  const first = steps.findIndex(({ fit }) => fit !== undefined);
  const later = first < 0 ? undefined : steps.slice(first).find(needsQueries);
  if (later && queries === '-')
    throw new UserError(`${later.name} behind ${steps[first].name} reads the queries twice, which stdin cannot; give a file`);
}

function absent(rows: readonly number[] = [], queries: number): string[] {
  const beyond = rows.filter((row) => row >= queries);
  return beyond.length > 0 ? [`queries to show: ${beyond.join(', ')} not there; rows are 0 to ${queries - 1}`] : [];
}
