import { UserError } from '../src/data/errors.js';
import type { QueryMetric } from '../src/metrics/metric.js';
import { parseMetric, parseMetrics } from '../src/metrics/registry.js';
import type { Options } from './options.js';

/** What is measured when nothing is asked for. */
const DEFAULT_METRICS = 'cmc@1,cmc@5,precision@5,map@5';
const DEFAULT_K = 100;

export interface MetricPlan {
  readonly metrics: readonly QueryMetric[];
  /** Items to retrieve: as asked, else 100 or the largest cut-off. */
  readonly k: number;
  /** The metric that tells which queries are worst. */
  readonly worstBy: QueryMetric;
  readonly warnings: readonly string[];
}

/** @throws UserError for unknown metrics */
export function planMetrics(options: Pick<Options, 'metrics' | 'k' | 'worstBy'>): MetricPlan {
  const metrics = parseMetrics(options.metrics ?? DEFAULT_METRICS);
  if (metrics.length === 0) throw new UserError('--metrics: name at least one, for example cmc@1');
  const names = metrics.map(({ name }) => name);
  const k = options.k ?? Math.max(DEFAULT_K, ...names.map(cutoff));
  return {
    metrics,
    k,
    worstBy: options.worstBy === undefined ? metrics[0] : parseMetric(options.worstBy),
    warnings: cutoffWarnings(names, k),
  };
}

/** What a reader of the metrics must know when fewer items were retrieved than they look at. @param k items retrieved, where it is known */
export function cutoffWarnings(names: readonly string[], k: number | undefined): string[] {
  const beyond = k === undefined ? [] : names.filter((name) => cutoff(name) > k);
  return beyond.length > 0 ? [`${beyond.join(', ')}: only ${k} items are retrieved (--k), so items beyond count as not retrieved`] : [];
}

/** The k of a metric's name; 0 where it has none. */
function cutoff(name: string): number {
  return Number(/@(\d+)$/.exec(name)?.[1] ?? 0);
}
