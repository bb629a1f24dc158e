import type { ItemTensors } from '../src/data/context.js';
import { didYouMean, UserError } from '../src/data/errors.js';
import type { Distance } from '../src/data/matrix.js';
import type { Dataset } from '../src/datasets/dataset.js';
import type { QueryMetric } from '../src/metrics/metric.js';
import { type MetricSet, parseMetricSet } from '../src/metrics/metric-set.js';
import type { Postprocessor } from '../src/postprocess/postprocessor.js';
import type { Device } from '../src/runtime/devices.js';
import { cutoff } from './metric-options.js';

/** What OML's EmbeddingMetrics takes under the names of its arguments, with its defaults, and what `rankstream evaluate` takes under the names of its options. */
export interface EmbeddingMetricsOptions {
  /** The `k` of `cmc@k`; an empty list leaves them out (default 5). */
  readonly cmcTopK?: readonly number[];
  /** The `k` of `precision@k` (default 5). */
  readonly precisionTopK?: readonly number[];
  /** The `k` of `map@k` (default 5). */
  readonly mapTopK?: readonly number[];
  /** The `x` of `fnmr@fmr=x`, of the retrieved pairs: the whole gallery is retrieved for it (default none). */
  readonly fmrVals?: readonly number[];
  /** The `x` of `pcf@x`, of all items (default 0.5). */
  readonly pcfVariance?: readonly number[];
  /** More metrics, by their names (`nDCG@10,RR`) or of one's own. */
  readonly metrics?: string | readonly (string | QueryMetric)[];
  /** Change the results before they are measured, in this order. They are not closed here. */
  readonly postprocessors?: readonly Postprocessor<unknown>[];
  /** The items as tensors, for post-processors that compare items; by default pictures, by the column `path`. */
  readonly items?: ItemTensors;
  /** Columns by whose values the metrics are also computed (default: `category`, where there is one). */
  readonly by?: readonly string[];
  readonly distance?: Distance;
  /** Where the search runs (default `auto`). */
  readonly device?: 'auto' | Device;
  /** Of the search (default: all cores). */
  readonly threads?: number;
  /** Shows the items in `visualize`; without it pictures are shown by the column `path`, and texts by the column `text`. */
  readonly dataset?: Dataset;
  /** Folder that the paths of pictures start from (default: that of the table). */
  readonly root?: string;
  /** Names of metrics, or of their families (`cmc`), for which no queries are shown. */
  readonly metricsToExcludeFromVisualization?: readonly string[];
  /** Leave `by` of the results empty (default false). */
  readonly returnOnlyOverallCategory?: boolean;
  /** Show the worst queries of all, and not those of each value of the first column of `by` (default true). */
  readonly visualizeOnlyOverallCategory?: boolean;
}

/** All metrics that are asked for, each once. @throws UserError for names that are unknown, and without any */
export function planOf(options: EmbeddingMetricsOptions): MetricSet {
  const { cmcTopK = [5], precisionTopK = [5], mapTopK = [5], fmrVals = [], pcfVariance = [0.5], metrics = [] } = options;
  const more = typeof metrics === 'string' ? [metrics] : metrics;
  const own = more.filter((metric) => typeof metric !== 'string');
  const names = [
    ...cmcTopK.map((k) => `cmc@${k}`),
    ...precisionTopK.map((k) => `precision@${k}`),
    ...mapTopK.map((k) => `map@${k}`),
    ...fmrVals.map((x) => `fnmr@fmr=${x}`),
    ...pcfVariance.map((x) => `pcf@${x}`),
    ...more.filter((metric) => typeof metric === 'string'),
  ];
  if (names.length === 0 && own.length > 0) return { names: own.map(({ name }) => name), queries: own, pairs: [], items: [] };
  const set = parseMetricSet(names);
  const others = own.filter(({ name }) => !set.names.includes(name));
  return { ...set, names: [...set.names, ...others.map(({ name }) => name)], queries: [...set.queries, ...others] };
}

/** Metrics by which queries are shown. @throws UserError for a name that is none */
export function shownMetrics({ names, queries }: MetricSet, excluded: readonly string[]): QueryMetric[] {
  const familyOf = (name: string) => name.replace(/[(@].*$/s, '');
  const known = [...names, ...names.map(familyOf)];
  const unknown = excluded.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UserError(
      `metricsToExcludeFromVisualization: "${unknown}" is not computed (there are: ${names.join(', ')})${didYouMean(unknown, known)}`,
    );
  return queries.filter(({ name }) => !excluded.includes(name) && !excluded.includes(familyOf(name)));
}

/** As OML does it: what the metrics and the post-processors look at, and the whole gallery where that is not limited. */
export function itemsToRetrieve({ queries, pairs }: MetricSet, steps: readonly Postprocessor<unknown>[], gallery: number): number {
  const wanted = [...queries.map(({ name }) => cutoff(name) || gallery), ...steps.map(({ params }) => Number(params.topN ?? gallery))];
  return Math.max(1, ...wanted, pairs.length > 0 ? gallery : 0);
}
