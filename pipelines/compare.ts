import { UserError } from '../src/data/errors.js';
import { readQrels } from '../src/io/trec/qrels.js';
import type { QueryMetric } from '../src/metrics/metric.js';
import { splitNames } from '../src/metrics/metric-spec.js';
import { parseMetric } from '../src/metrics/registry.js';
import { CONFIDENCE } from '../src/metrics/significance/bootstrap.js';
import { compareSystems, type MetricComparison } from '../src/metrics/significance/compare-systems.js';
import type { Comparison, QueryChange } from '../src/report/comparison.js';
import { type CompareInput, type NamedMetric, openInput, openRunInput, type QueryValues, readValues } from './compare-inputs.js';
import { differingFacts } from './compare-warnings.js';
import { assertAllWritable, writeText } from './files.js';
import { type MatchedQueries, matchQueries } from './match-queries.js';
import { planMetrics } from './metric-options.js';
import type { OptionName, Options } from './options.js';
import { type Progress, silent } from './progress.js';
import type { RunContext } from './run-context.js';
import { systemLabel, systemNames } from './system-names.js';

/** The options of `rankstream compare`. */
export const COMPARE_OPTIONS = [
  'inputs',
  'qrels',
  'complete',
  'metrics',
  'relevance-level',
  'permutations',
  'resamples',
  'seed',
  'top',
  'out',
  'json',
  'markdown',
  'latex',
  'config',
] as const satisfies readonly OptionName[];

/**
 * Compares systems, the first of which is the baseline, query by query: means, differences, significance tests, and the queries that gained and lost.
 * @throws UserError for every mistake in the options or the data: a single input, an unknown metric, results without relevance, other queries
 * @example const { metrics } = await runCompare({ inputs: ['a.arrow', 'b.arrow'], metrics: 'map@10' });
 */
export async function runCompare(options: Options, { progress = silent, signal }: RunContext = {}): Promise<Comparison> {
  const { inputs: paths = [], permutations = 10_000, resamples = 2_000, seed = 0, top = 5, out } = options;
  if (paths.length < 2) throw new UserError('give at least two inputs to compare, the baseline first, for example a.arrow b.arrow');
  if (paths.filter((path) => path === '-').length > 1) throw new UserError('only one input can come from stdin');
  if ([options.json, options.markdown, options.latex].filter(Boolean).length > 1)
    throw new UserError('--json, --markdown and --latex: choose one of them (--out writes JSON beside it)');
  await assertAllWritable(out);
  const inputs: CompareInput[] = [];
  const qrels = options.qrels === undefined ? undefined : await readQrels(options.qrels);
  if (!qrels && options.complete) throw new UserError('--complete goes with --qrels, which judges runs');
  for (const path of paths) inputs.push(qrels ? await openRunInput(path, qrels, options.complete) : await openInput(path));
  const metrics = chosenMetrics(inputs, options);
  const drawn = { permutations, resamples, seed };
  try {
    const systems = await readAll(inputs, metrics, progress, signal);
    const matched = matchQueries(systems);
    const values = metrics.map((_, m) => systems.map((system, s) => picked(system.values[m], matched.positions[s])));
    const compared = await compareSystems(values, { ...drawn, top, onProgress: percent(progress), signal });
    const names = systemNames(paths);
    const comparison: Comparison = {
      systems: systems.map(({ info: { gallerySize: gallery, k, distance } }, s) => ({
        label: systemLabel(s),
        name: names[s],
        gallery,
        k,
        distance,
      })),
      queries: matched.positions[0].length,
      matchedBy: matched.by,
      metrics: metrics.map(({ name }, m) => described(name, compared[m], (i) => changeOf(systems[0], matched, values[m][0], values[m][i]))),
      comparisons: metrics.length * (systems.length - 1),
      ...drawn,
      confidence: CONFIDENCE,
      warnings: differingFacts(systems, matched, metrics),
    };
    if (out !== undefined) await writeText(out, `${JSON.stringify(comparison, null, 2)}\n`);
    return comparison;
  } finally {
    progress.stop();
  }
}

async function readAll(
  inputs: readonly CompareInput[],
  metrics: readonly NamedMetric[],
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<QueryValues[]> {
  const systems: QueryValues[] = [];
  progress.start('queries');
  for (const input of inputs) {
    const values = await readValues(input, metrics, (count) => {
      signal?.throwIfAborted();
      progress.advance(count);
    });
    systems.push(values);
  }
  return systems;
}

/** A metric's comparisons under the names that people see. @param changes tells of a query under the system of that number, by its place */
function described(
  metric: string,
  { means, against }: MetricComparison,
  changes: (system: number) => (place: number) => QueryChange,
): Comparison['metrics'][number] {
  return {
    metric,
    baseline: { system: systemLabel(0), mean: means[0] },
    against: against.map(({ gained, lost, ...found }, i) => {
      const change = changes(i + 1);
      return { system: systemLabel(i + 1), mean: means[i + 1], ...found, gained: gained.map(change), lost: lost.map(change) };
    }),
  };
}

/** As asked; else the metrics that all tables have; else, of results alone, those of `evaluate`. */
function chosenMetrics(inputs: readonly CompareInput[], options: Options): NamedMetric[] {
  const tables = inputs.filter((input) => input.kind === 'table');
  const names = options.metrics === undefined ? sharedMetrics(tables) : [options.metrics].flat().flatMap(splitNames);
  if (names === undefined) return planMetrics({ ...options, run: options.qrels }).metrics.map(computed);
  if (names.length === 0) throw new UserError('--metrics: name at least one, for example cmc@1');
  const inTables = (name: string) => tables.length === inputs.length && tables.every(({ metrics }) => metrics.includes(name));
  const metrics = names.map((name) => (inTables(name) ? asColumn(name) : computed(parseMetric(name, { level: options.relevanceLevel }))));
  return metrics.filter(({ name }, i) => metrics.findIndex((other) => other.name === name) === i);
}

/** @returns undefined without a table */
function sharedMetrics(tables: readonly { readonly path: string; readonly metrics: readonly string[] }[]): string[] | undefined {
  const [first] = tables;
  const shared = first?.metrics.filter((name) => !isGeometric(ours(name)) && tables.every(({ metrics }) => metrics.includes(name)));
  if (shared?.length !== 0) return shared;
  const lists = tables.map(({ path, metrics }) => `${path} has ${metrics.join(', ')}`);
  throw new UserError(`the tables have no metric in common whose differences can be tested: ${lists.join('; ')}`);
}

function computed(metric: QueryMetric): NamedMetric {
  refuseGeometric(metric);
  return { name: metric.name, metric };
}

function asColumn(name: string): NamedMetric {
  refuseGeometric(ours(name));
  return { name };
}

/** The metric of that name, if it is one of ours: columns of tables may be called anything. */
function ours(name: string): QueryMetric | undefined {
  try {
    return parseMetric(name);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function isGeometric(metric: QueryMetric | undefined): boolean {
  return metric?.reduce === 'geometric';
}

function refuseGeometric(metric: QueryMetric | undefined): void {
  if (metric && isGeometric(metric))
    throw new UserError(
      `metric ${metric.name}: a geometric mean is not the mean of the queries' values, so that it has no difference to test`,
    );
}

function picked(values: Float64Array, positions: Int32Array): Float64Array {
  return Float64Array.from(positions, (position) => values[position]);
}

/** What tells of a query that gained or lost, by its place in the common order. */
function changeOf(baseline: QueryValues, { positions: [order] }: MatchedQueries, before: Float64Array, after: Float64Array) {
  return (place: number): QueryChange => ({
    query: baseline.rows?.[order[place]],
    id: baseline.ids?.[order[place]],
    baseline: before[place],
    value: after[place],
    difference: after[place] - before[place],
  });
}

/** The share of the work that is done, as steps of one per cent. */
function percent(progress: Progress): (share: number) => void {
  progress.start('tests (per cent)', 100);
  let done = 0;
  return (share) => {
    const now = Math.floor(100 * share);
    progress.advance(now - done);
    done = now;
  };
}
