import { attachQueries, pump } from '../operators/index.js';
import { UserError } from '../src/data/errors.js';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { readRetrieval } from '../src/io/retrieval-file.js';
import { lowerIsBetter } from '../src/metrics/direction.js';
import { parseMetric } from '../src/metrics/registry.js';
import type { Context, Postprocessor } from '../src/postprocess/postprocessor.js';
import { closeChain, parsePostprocessor } from '../src/postprocess/registry.js';
import { type Grid, parseGrid } from '../src/postprocess/tuning/grid.js';
import { type TuneCost, type Tuned, tune } from '../src/postprocess/tuning/tune.js';
import { formatCount, trend } from '../src/report/format.js';
import type { TunedChain, Tuning } from '../src/report/tuning.js';
import { assertAllWritable, writeText } from './files.js';
import { cutoffWarnings } from './metric-options.js';
import type { OptionName, Options } from './options.js';
import { silent } from './progress.js';
import type { RunContext } from './run-context.js';
import { openSavedInputs } from './saved-inputs.js';

type Step = Postprocessor<unknown>;

/** The options of `rankstream tune`. */
export const TUNE_OPTIONS = [
  'items',
  'with',
  'metric',
  'queries',
  'gallery',
  'embeddings',
  'column',
  'root',
  'batch',
  'relevance-level',
  'folds',
  'seed',
  'out',
  'json',
  'config',
] as const satisfies readonly OptionName[];

/**
 * Chooses parameters of post-processors for a metric by cross-validation over the queries of saved results. Steps that look at embeddings or pictures get
 * them from `queries` and `gallery`, as in `runPostprocess`.
 * @throws UserError for every mistake in the options or the data: a grid that is too large, an unknown metric, too few queries, no relevance
 * @example const { heldOut, best } = await runTune({ items: 'rr.arrow', with: ['constant:0.5..1.2/0.05'], metric: 'map@10' });
 */
export async function runTune(options: Options, context: RunContext = {}): Promise<Tuning> {
  const { items, folds = 5, seed = 0, out } = options;
  const { progress = silent, signal } = context;
  if (items === undefined) throw new UserError('give the saved results to tune on, for example rr.arrow');
  if (items === '-' || options.queries === '-')
    throw new UserError('results and queries are read several times, which stdin cannot; give files');
  if (options.with === undefined) throw new UserError('say what to tune: --with SPEC, for example --with constant-threshold:0.5..1.2/0.05');
  if (options.metric === undefined) throw new UserError('say what to tune for: --metric NAME, for example --metric map@10');
  const metric = parseMetric(options.metric, { level: options.relevanceLevel });
  const specs = parseGrid(options.with);
  await assertAllWritable(out);
  const steps: Step[][] = [];
  try {
    await openSteps(specs, steps);
    const { results, info, contextOf } = await openResults(items, steps.flat(), options, context);
    const tuned = await tune(results, steps, {
      metric,
      folds,
      seed,
      contextOf,
      onStart: (cost) => progress.start(described(cost), cost.work),
      onQueries: (count) => progress.advance(count),
      signal,
    });
    const chain = (choice: readonly number[]): TunedChain => {
      const chosen = choice.map((alternative, step) => steps[step][alternative]);
      return {
        with: choice.map((alternative, step) => specs[step][alternative]).join(' | '),
        postprocess: chosen.map(({ name, params }) => ({ name, params })),
      };
    };
    const { points, queries, reads, heldOut, baseline, best } = tuned;
    const byFold = tuned.byFold.map(({ choice, ...values }) => ({ ...chain(choice), ...values }));
    const tuning: Tuning = {
      metric: metric.name,
      optimum: lowerIsBetter(metric.name) ? 'lowest' : 'highest',
      points,
      folds,
      seed,
      queries,
      reads,
      heldOut,
      baseline,
      byFold,
      best: { ...chain(best.choice), fitted: best.value },
      warnings: [...warningsOf(metric.name, tuned, byFold), ...cutoffWarnings([metric.name], info.k)],
    };
    if (out !== undefined) await writeText(out, `${JSON.stringify(tuning, null, 2)}\n`);
    return tuning;
  } finally {
    progress.stop();
    await closeChain(steps.flat());
  }
}

/** Adds the alternatives of each step to `steps`, one by one, so that those which are open can be closed when another fails. */
async function openSteps(specs: Grid, steps: Step[][]): Promise<void> {
  for (const alternatives of specs) {
    const opened: Step[] = [];
    steps.push(opened);
    for (const spec of alternatives) opened.push(await parsePostprocessor(spec));
  }
}

/** The results, to be read several times, with what the steps need beside them. */
async function openResults(path: string, steps: readonly Step[], options: Options, { items, progress = silent, signal }: RunContext) {
  const saved = readRetrieval(path);
  let first: RetrievalResults | undefined;
  for await (const rr of saved) {
    first = rr;
    break;
  }
  if (first && !first.gains) throw new UserError(`${path}: the results carry no relevance, so that nothing can be tuned on them`);
  const { entry, contexts = [], queries } = await openSavedInputs(steps, options, first, items, progress);
  const checked = entry ? pump(saved, { signal }, entry) : saved;
  const contextByStep = new Map(steps.map((step, i) => [step, contexts[i] ?? {}]));
  return {
    info: first?.info ?? {},
    results: queries ? pump(checked, { signal }, attachQueries(queries)) : checked,
    contextOf: (step: Step): Context => contextByStep.get(step) ?? {},
  };
}

/** What the search takes, in the words of its progress. */
function described({ points, folds, queries, reads }: TuneCost): string {
  return `${formatCount(points)} points, ${folds} folds of ${formatCount(queries)} queries, ${formatCount(reads)} reads`;
}

function warningsOf(metric: string, { heldOut, baseline }: Tuned, byFold: readonly TunedChain[]): string[] {
  const chosen = new Map<string, number>();
  for (const fold of byFold) chosen.set(fold.with, (chosen.get(fold.with) ?? 0) + 1);
  const warnings = [];
  if (chosen.size > 1) {
    const most = [...chosen].sort(([, a], [, b]) => b - a);
    const shown = most.slice(0, 5).map(([chain, count]) => `${chain} (${count})`);
    const more = most.length > shown.length ? [`and ${most.length - shown.length} more`] : [];
    warnings.push(`the folds disagree about the best parameters: ${[...shown, ...more].join(', ')}`);
  }
  if (trend(metric, heldOut.pooled - baseline.pooled) !== 'better')
    warnings.push('on held-out queries the tuned chain is no better than none');
  return warnings;
}
