import { UserError } from '../src/data/errors.js';
import type { PairMeasure } from '../src/data/pair-counts.js';
import type { QueryMetric } from '../src/metrics/metric.js';
import { parseMetricSet } from '../src/metrics/metric-set.js';
import type { ItemMeasure } from '../src/metrics/pcf.js';
import { parseMetric } from '../src/metrics/registry.js';
import type { Options } from './options.js';

/** What is measured when nothing is asked for. */
const DEFAULT_METRICS = 'cmc@1,cmc@5,precision@5,map@5';
const DEFAULT_K = 100;

export interface MetricPlan {
  readonly metrics: readonly QueryMetric[];
  /** Of pairs of a query and a gallery item. */
  readonly pairs: readonly PairMeasure[];
  /** Of the items themselves. */
  readonly items: readonly ItemMeasure[];
  /** The names of all, in the order in which they were asked for. */
  readonly names: readonly string[];
  /** Items to retrieve: as asked, else 100 or the largest cut-off. */
  readonly k: number;
  /** The metric that tells which queries are worst. */
  readonly worstBy: QueryMetric;
  readonly warnings: readonly string[];
}

/** @throws UserError for unknown metrics */
export function planMetrics(options: Pick<Options, 'metrics' | 'k' | 'worstBy'>): MetricPlan {
  const { names, queries: metrics, pairs, items } = parseMetricSet(options.metrics ?? DEFAULT_METRICS);
  const cutoff = Math.max(0, ...metrics.map(({ name }) => Number(/@(\d+)$/.exec(name)?.[1] ?? 0)));
  const k = options.k ?? Math.max(DEFAULT_K, cutoff);
  const beyond = metrics.filter(({ name }) => Number(/@(\d+)$/.exec(name)?.[1] ?? 0) > k).map(({ name }) => name);
  const warnings =
    beyond.length > 0 ? [`${beyond.join(', ')}: only ${k} items are retrieved (--k), so items beyond count as not retrieved`] : [];
  const worstBy = parseMetric(options.worstBy ?? metrics[0]?.name ?? 'cmc@1');
  return { metrics, pairs, items, names, k, worstBy, warnings };
}

/** For commands that have results, but no embeddings. @throws UserError for metrics of the items themselves */
export function refuseItemMetrics({ items }: MetricPlan): void {
  if (items.length > 0)
    throw new UserError(
      `${items.map(({ name }) => name).join(', ')}: needs embeddings, which results do not have; use rankstream evaluate`,
    );
}
