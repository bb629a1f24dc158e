import type { EmptyValues, QueryMetric } from './metric.js';

/**
 * What cmc@k, precision@k and map@k give where their formulas divide by nothing: 1 when there is nothing to find and nothing was retrieved, 0 when
 * only one of the two is missing. OML differs in one place: its precision without ground truth is 0/0, and a single such query makes the mean NaN.
 * @returns undefined for a query that has both relevant and retrieved items
 */
export function emptyValue(relevant: number, retrieved: number): 0 | 1 | undefined {
  if (relevant > 0 && retrieved > 0) return undefined;
  return relevant === 0 && retrieved === 0 ? 1 : 0;
}

/** How many queries the empty rules decided. */
export interface EmptyCounts {
  /** Queries without a relevant item in the gallery that retrieved some. */
  readonly irrelevant: number;
  /** Queries with neither a relevant nor a retrieved item. */
  readonly void: number;
}

const NOTHING_FOUND = 'no relevant item in the gallery but retrieved some';
const NOTHING_AT_ALL = 'neither a relevant item in the gallery nor a retrieved one';

/** One line for each kind of query that a reader of the metrics should know of. @param metrics those that were computed */
export function emptyWarnings(counts: EmptyCounts, metrics: readonly QueryMetric[]): string[] {
  return [...warning(counts.irrelevant, NOTHING_FOUND, 'irrelevant', metrics), ...warning(counts.void, NOTHING_AT_ALL, 'void', metrics)];
}

function warning(count: number, what: string, kind: keyof EmptyValues, metrics: readonly QueryMetric[]): string[] {
  if (count === 0) return [];
  const [have, they] = count === 1 ? ['query has', 'it counts'] : ['queries have', 'they count'];
  const families = new Map<number, Set<string>>();
  for (const { name, whenEmpty } of metrics) {
    if (!whenEmpty) continue;
    const value = whenEmpty[kind];
    families.set(value, (families.get(value) ?? new Set()).add(name.replace(/@\d+$/, '@k')));
  }
  const rules = [...families].map(([value, names]) => `as ${value} (${listed([...names])})`);
  return [`${count} ${have} ${what}${rules.length > 0 ? `: ${they} ${listed(rules)}` : ''}`];
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
