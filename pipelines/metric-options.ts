import { UserError } from '../src/data/errors.js';
import type { QueryMetric } from '../src/metrics/metric.js';
import { parseMetric, parseMetrics } from '../src/metrics/registry.js';
import type { Options } from './options.js';

/** What is measured when nothing is asked for. */
const DEFAULT_METRICS = 'cmc@1,cmc@5,precision@5,map@5';
/** The same of a run. */
const RUN_METRICS = 'nDCG@10,AP,RR,P@10,R@100';
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
export function planMetrics(options: Pick<Options, 'metrics' | 'k' | 'worstBy' | 'run' | 'relevanceLevel'>): MetricPlan {
  const metrics = parseMetrics(options.metrics ?? (options.run === undefined ? DEFAULT_METRICS : RUN_METRICS), {
    level: options.relevanceLevel,
  });
  if (metrics.length === 0) throw new UserError('--metrics: name at least one, for example cmc@1');
  const cutoff = Math.max(0, ...metrics.map(({ name }) => Number(/@(\d+)$/.exec(name)?.[1] ?? 0)));
  const k = options.k ?? Math.max(DEFAULT_K, cutoff);
  const beyond = metrics.filter(({ name }) => Number(/@(\d+)$/.exec(name)?.[1] ?? 0) > k).map(({ name }) => name);
  const warnings =
    beyond.length > 0 ? [`${beyond.join(', ')}: only ${k} items are retrieved (--k), so items beyond count as not retrieved`] : [];
  return { metrics, k, worstBy: options.worstBy === undefined ? metrics[0] : parseMetric(options.worstBy), warnings };
}
