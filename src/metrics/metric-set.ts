import { UserError } from '../data/errors.js';
import type { PairMeasure } from '../data/pair-counts.js';
import type { QueryMetric } from './metric.js';
import { parseSpec, splitNames } from './metric-spec.js';
import type { ItemMeasure } from './pcf.js';
import { type ParseOptions, parseMetric } from './registry.js';
import { SET_FAMILIES } from './set-families.js';

/** Metrics of a list, by what they look at. */
export interface MetricSet {
  /** All names, in the order of the list. */
  readonly names: readonly string[];
  /** With a value per query. */
  readonly queries: readonly QueryMetric[];
  /** Of pairs of a query and a gallery item. */
  readonly pairs: readonly PairMeasure[];
  /** Of the items themselves. */
  readonly items: readonly ItemMeasure[];
}

/**
 * The metrics of a list, each once. Commas inside parentheses do not separate.
 * @example parseMetricSet('cmc@1,fnmr@fmr=0.1,pcf@0.5').pairs[0].name // 'fnmr@fmr=0.1'
 * @throws UserError for an unknown name, with the nearest known one, for a parameter that is missing or wrong, and when the list is empty
 */
export function parseMetricSet(names: string | readonly string[], options: ParseOptions = {}): MetricSet {
  const found = new Set<string>();
  const set = { queries: [] as QueryMetric[], pairs: [] as PairMeasure[], items: [] as ItemMeasure[] };
  const keep = <T extends { readonly name: string }>(list: T[], metric: T) => {
    if (!found.has(metric.name)) list.push(metric);
    found.add(metric.name);
  };
  for (const name of (typeof names === 'string' ? [names] : names).flatMap(splitNames)) {
    const spec = parseSpec(name);
    const family = SET_FAMILIES.find((known) => known.name === spec?.family && spec.parameters.size === 0);
    const made = family?.make(spec?.at);
    if (!made) keep(set.queries, parseMetric(name, { ...options, others: SET_FAMILIES }));
    else if (made.of === 'pairs') keep(set.pairs, made.measure);
    else keep(set.items, made.measure);
  }
  if (found.size === 0) throw new UserError('no metric is named; write for example cmc@1,map@10');
  return { names: [...found], ...set };
}
