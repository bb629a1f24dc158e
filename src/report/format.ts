import { basename, isAbsolute } from 'node:path';
import { lowerIsBetter } from '../metrics/direction.js';
import { naturalOrder } from '../metrics/natural-order.js';
import type { Approximate, MetricValues, PostprocessStep, Results } from './results.js';

/** The metrics of all queries (no column) or of the queries with one value in one column. */
export interface Group {
  readonly column?: string;
  readonly value: string;
  readonly metrics: MetricValues;
  /** The same before post-processing. */
  readonly baseline?: MetricValues;
}

/** All queries first, then every column and value; values in natural order, "(none)" last. */
export function groupsOf(results: Results): Group[] {
  const groups: Group[] = [{ value: 'OVERALL', metrics: results.metrics, baseline: results.baseline?.metrics }];
  for (const [column, values] of Object.entries(results.by)) {
    const before = results.baseline?.by[column];
    const names = Object.keys(values).sort((a, b) => Number(a === NONE) - Number(b === NONE) || naturalOrder(a, b));
    // A value that lost all of its metrics in the baseline still shows its present ones.
    for (const value of names)
      groups.push({ column, value, metrics: values[value], baseline: results.baseline && (before?.[value] ?? {}) });
  }
  return groups;
}

const NONE = '(none)';

/** Names of all metrics that any group has, in the order in which they were asked for. */
export function metricNames(groups: readonly Group[]): string[] {
  return [...new Set(groups.flatMap(({ metrics, baseline }) => [...Object.keys(metrics), ...Object.keys(baseline ?? {})]))];
}

/** A metric with 4 decimals; a count (an integer above 1) in full; what is not defined as `-`. */
export function formatMetric(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '-';
  return Number.isInteger(value) && Math.abs(value) > 1 ? formatCount(value) : value.toFixed(4).replace(/^-(0\.0+)$/, '$1');
}

/** After minus before, with its sign; no change has none. */
export function formatDifference(difference: number | null): string {
  if (difference === null) return '-';
  return difference === 0 ? '0.0000' : `${difference > 0 ? '+' : '-'}${formatMetric(Math.abs(difference))}`;
}

/** After minus before, or null where one of the two is not defined. */
export function difference(after: number | null | undefined, before: number | null | undefined): number | null {
  const value = (after ?? Number.NaN) - (before ?? Number.NaN);
  return Number.isNaN(value) ? null : value;
}

/** Whether a change is for the better: most metrics should grow, error rates should fall, thresholds and pcf tell of neither. */
export function trend(metric: string, change: number | null): 'better' | 'worse' | undefined {
  if (change === null || change === 0 || /^(threshold|pcf)@/.test(metric)) return undefined;
  return change > 0 !== lowerIsBetter(metric) ? 'better' : 'worse';
}

/** An integer with a comma between thousands, on every machine. */
export function formatCount(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** A step with its parameters: `threshold(th=0.4)`. Of an absolute path the name of the file is shown: the rest tells of a machine, not of the step. */
export function formatStep({ name, params = {} }: PostprocessStep): string {
  const shown = (value: unknown) => (typeof value !== 'string' ? JSON.stringify(value) : isAbsolute(value) ? basename(value) : value);
  const list = Object.entries(params).map(([key, value]) => `${key}=${shown(value)}`);
  return list.length === 0 ? name : `${name}(${list.join(', ')})`;
}

/**
 * What a step did: `keeps 90 of 100 results`, and what each metric gained by it.
 * @returns a text for each; none where it is not known
 */
export function stepEffect({ results, change = {} }: PostprocessStep): string[] {
  const kept =
    results &&
    `keeps ${results.after === results.before ? 'all' : `${formatCount(results.after)} of`} ${formatCount(results.before)} results`;
  return [
    ...(kept === undefined ? [] : [kept]),
    ...Object.entries(change).map(([metric, value]) => `${metric} ${formatDifference(value)}`),
  ];
}

/** An engine that may not find everything: `hnsw (recall 0.9871 on 1,000 queries)`. It is rounded down, so that 1.0000 means all. */
export function formatApproximate({ engine, recall, queries }: Approximate): string {
  return `${engine} (recall ${formatMetric(Math.floor(recall * 1e4) / 1e4)} on ${formatCount(queries)} queries)`;
}

/** Queries first, where there are two. */
function modelNames({ model, models }: Results): string | undefined {
  const names = [model, models?.queries, models?.gallery].flatMap((use) => use?.name ?? []);
  return names.length === 0 ? undefined : [...new Set(names)].join(', ');
}

/** What was searched and how, as name and value; what is not known is left out. */
export function setup(results: Results): [name: string, value: string][] {
  const facts: [string, string | undefined][] = [
    ['queries', formatCount(results.queries)],
    ['gallery', results.gallery === undefined ? undefined : formatCount(results.gallery)],
    ['k', results.k === undefined ? undefined : formatCount(results.k)],
    ['distance', results.distance],
    ['device', results.device],
    ['model', modelNames(results)],
    ['engine', results.approximate && formatApproximate(results.approximate)],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}
