import { UserError } from '../src/data/errors.js';
import type { PairMeasure } from '../src/data/pair-counts.js';
import type { QueryMetric } from '../src/metrics/metric.js';
import { parseMetricSet } from '../src/metrics/metric-set.js';
import type { ItemMeasure } from '../src/metrics/pcf.js';
import { parseMetric } from '../src/metrics/registry.js';
import type { Options } from './options.js';

/** What is measured when nothing is asked for. */
const DEFAULT_METRICS = 'cmc@1,cmc@5,precision@5,map@5';
/** The same of a run. */
const RUN_METRICS = 'nDCG@10,AP,RR,P@10,R@100';
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
export function planMetrics(options: Pick<Options, 'metrics' | 'k' | 'worstBy' | 'run' | 'relevanceLevel'>): MetricPlan {
  const set = parseMetricSet(options.metrics ?? (options.run === undefined ? DEFAULT_METRICS : RUN_METRICS), {
    level: options.relevanceLevel,
  });
  const { names, queries: metrics, pairs, items } = set;
  const ranked = metrics.map(({ name }) => name);
  const k = options.k ?? Math.max(DEFAULT_K, ...ranked.map(cutoff));
  return {
    metrics,
    pairs,
    items,
    names,
    k,
    worstBy: parseMetric(options.worstBy ?? ranked[0] ?? 'cmc@1'),
    warnings: cutoffWarnings(ranked, k),
  };
}

/** For commands that have results, but no embeddings. @throws UserError for metrics of the items themselves */
export function refuseItemMetrics({ items }: MetricPlan): void {
  const names = items.map(({ name }) => name).join(', ');
  if (items.length > 0) throw new UserError(`${names}: needs embeddings, which results do not have; use rankstream evaluate`);
}

/** What a reader of the metrics must know when fewer items were retrieved than they look at. @param k items retrieved, where it is known */
export function cutoffWarnings(names: readonly string[], k: number | undefined): string[] {
  const beyond = k === undefined ? [] : names.filter((name) => cutoff(name) > k);
  return beyond.length > 0 ? [`${beyond.join(', ')}: only ${k} items are retrieved (--k), so items beyond count as not retrieved`] : [];
}

/** The k of a metric's name; 0 where it has none (after the @ of IPrec stands a recall). */
export function cutoff(name: string): number {
  return Number(/^(?!IPrec\b).*@(\d+)$/.exec(name)?.[1] ?? 0);
}
