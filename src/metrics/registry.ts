import { didYouMean, UserError } from '../data/errors.js';
import { notAPositiveInteger } from './at-k.js';
import { cmc } from './cmc.js';
import { map } from './map.js';
import type { QueryMetric } from './metric.js';
import { precision } from './precision.js';

/** A family of metrics, as `cmc@k` is for every k. */
export interface MetricFamily {
  /** What stands before the `@`. */
  readonly name: string;
  /** How a metric of the family is written. */
  readonly usage: string;
  /** One line for `--help`. */
  readonly about: string;
  /** The metric whose name has `parameter` after the `@` (undefined: there is no `@`). */
  readonly make: (parameter: string | undefined) => QueryMetric;
}

/** All metrics: a new one is a file beside this one, and a line here. */
export const METRIC_FAMILIES: readonly MetricFamily[] = [
  atRank('cmc', cmc, 'share of queries with a relevant item among the first k'),
  atRank('precision', precision, 'relevant items among the first k, of as many as there could be'),
  atRank('map', map, 'precision at each relevant item among the first k, averaged'),
];

/**
 * The metric of a name.
 * @param others families that the caller knows beside these, to be named where the name is unknown
 * @example parseMetric('cmc@1').name // 'cmc@1'
 * @throws UserError for an unknown name, with the nearest known one, and for a parameter that is missing or wrong
 */
export function parseMetric(name: string, others: readonly Pick<MetricFamily, 'name' | 'usage'>[] = []): QueryMetric {
  const trimmed = name.trim();
  const [familyName, parameter] = splitName(trimmed);
  const family = METRIC_FAMILIES.find((one) => one.name === familyName);
  if (family) return family.make(parameter);
  const known = [...METRIC_FAMILIES, ...others];
  const usages = known.map(({ usage }) => usage);
  const nearest = didYouMean(
    trimmed,
    known.map(({ name: family }) => (parameter === undefined ? family : `${family}@${parameter}`)),
  );
  throw new UserError(`unknown metric "${trimmed}" (there are: ${usages.join(', ')})${nearest}`);
}

/**
 * The metrics of a list, in its order, each once. Commas inside parentheses do not separate.
 * @example parseMetrics('cmc@1, map@10').map((metric) => metric.name) // ['cmc@1', 'map@10']
 * @throws UserError as `parseMetric`, and when the list is empty
 */
export function parseMetrics(names: string | readonly string[]): QueryMetric[] {
  const metrics = new Map<string, QueryMetric>();
  for (const name of (typeof names === 'string' ? [names] : names).flatMap(splitNames)) {
    const metric = parseMetric(name);
    if (!metrics.has(metric.name)) metrics.set(metric.name, metric);
  }
  if (metrics.size === 0) throw new UserError('no metric is named; write for example cmc@1,map@10');
  return [...metrics.values()];
}

/** What stands before the first `@` of a name, and what stands after it. */
export function splitName(name: string): [family: string, parameter: string | undefined] {
  const at = name.indexOf('@');
  return at < 0 ? [name, undefined] : [name.slice(0, at), name.slice(at + 1)];
}

/** A list of names, cut at commas outside parentheses; blanks around names and empty places are dropped. */
export function splitNames(list: string): string[] {
  const names: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= list.length; i++) {
    if (list[i] === '(') depth++;
    else if (list[i] === ')') depth--;
    else if (i === list.length || (list[i] === ',' && depth <= 0)) {
      names.push(list.slice(start, i).trim());
      start = i + 1;
    }
  }
  return names.filter((name) => name !== '');
}

function atRank(name: string, make: (k: number) => QueryMetric, about: string): MetricFamily {
  return {
    name,
    usage: `${name}@k`,
    about,
    make(parameter) {
      if (parameter === undefined) throw new UserError(`metric "${name}" needs a k; write for example ${name}@10`);
      if (!/^[1-9]\d*$/.test(parameter)) throw notAPositiveInteger(name, parameter);
      return make(Number(parameter));
    },
  };
}
