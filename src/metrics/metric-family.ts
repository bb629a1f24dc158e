import { UserError } from '../data/errors.js';
import { notAPositiveInteger } from './at-k.js';
import { type MeasureOptions, PARAMETERS, type ParameterName } from './ir/parameters.js';
import type { QueryMetric } from './metric.js';

/** A family of metrics, as `cmc@k` is for every k. */
export interface MetricFamily {
  /** What stands before the parentheses and the `@`. */
  readonly name: string;
  /** How a metric of the family is written; what stands in brackets may be left out. */
  readonly usage: string;
  /** One line that says what it is. */
  readonly about: string;
  /**
   * Which items are relevant to it: those at a level that it takes as its parameter `rel`, or it has no use for a level (`independent`). Absent: those
   * with a gain of at least 1, always.
   */
  readonly level?: 'rel' | 'independent';
  /**
   * The metric as it is written.
   * @param at what stands after the `@`; undefined: there is no `@`
   * @param parameters what stands in parentheses
   * @throws UserError for what the family does not take
   */
  readonly make: (at: string | undefined, parameters: ReadonlyMap<string, string>) => QueryMetric;
}

type WithK = MeasureOptions & { readonly k: number };

/** A family written `name@k`. @param make the metric of a k */
export function atRank(name: string, make: (k: number) => QueryMetric, about: string): MetricFamily {
  return {
    name,
    usage: `${name}@k`,
    about,
    make(at, parameters) {
      readParameters(name, [], parameters);
      return make(requiredK(name, at));
    },
  };
}

/** A family of the IR measures written `name(...)@k`. @param parameters those that it takes in parentheses */
export function withK(
  name: string,
  parameters: readonly ParameterName[],
  make: (options: WithK) => QueryMetric,
  about: string,
): MetricFamily {
  const read = (at: string | undefined, given: ReadonlyMap<string, string>) =>
    make({ ...readParameters(name, parameters, given), k: requiredK(name, at) });
  return measureFamily(name, parameters, '@k', about, read);
}

/** A family of the IR measures written `name(...)` or `name(...)@k`. */
export function maybeK(
  name: string,
  parameters: readonly ParameterName[],
  make: (options: MeasureOptions) => QueryMetric,
  about: string,
): MetricFamily {
  const read = (at: string | undefined, given: ReadonlyMap<string, string>) =>
    make({ ...readParameters(name, parameters, given), k: at === undefined ? undefined : requiredK(name, at) });
  return measureFamily(name, parameters, '[@k]', about, read);
}

/** A family of the IR measures written `name(...)`. */
export function withoutK(
  name: string,
  parameters: readonly ParameterName[],
  make: (options: MeasureOptions) => QueryMetric,
  about: string,
): MetricFamily {
  return measureFamily(name, parameters, '', about, (at, given) => {
    if (at !== undefined) throw new UserError(`metric ${name}@${at}: ${name} takes no @; write ${name}`);
    return make(readParameters(name, parameters, given));
  });
}

/** A family of the IR measures written `name(...)@recall`. */
export function withRecall(
  name: string,
  parameters: readonly ParameterName[],
  make: (options: MeasureOptions & { readonly recall: number }) => QueryMetric,
  about: string,
): MetricFamily {
  return measureFamily(name, parameters, '@recall', about, (at, given) => {
    if (at === undefined) throw new UserError(`metric "${name}" needs a recall; write for example ${name}@0.1`);
    return make({ ...readParameters(name, parameters, given), recall: readNumber(`${name}@${at}`, 'the recall', at) });
  });
}

function measureFamily(
  name: string,
  parameters: readonly ParameterName[],
  at: string,
  about: string,
  make: MetricFamily['make'],
): MetricFamily {
  return { name, usage: name + at, about, level: parameters.includes('rel') ? 'rel' : 'independent', make };
}

function requiredK(name: string, at: string | undefined): number {
  if (at === undefined) throw new UserError(`metric "${name}" needs a k; write for example ${name}@10`);
  if (!/^[1-9]\d*$/.test(at)) throw notAPositiveInteger(name, at);
  return Number(at);
}

/** The parameters of a measure as options; their ranges are the measure's own affair. */
function readParameters(name: string, takes: readonly ParameterName[], given: ReadonlyMap<string, string>): MeasureOptions {
  const options: Record<string, number | string> = {};
  for (const [parameter, text] of given) {
    const full = `${name}(${parameter}=${text})`;
    const known = takes.find((one) => one === parameter);
    if (!known) {
      const there = takes.length === 0 ? 'it takes none' : `it takes: ${takes.join(', ')}`;
      throw new UserError(`metric ${full}: unknown parameter "${parameter}" (${there})`);
    }
    options[known] = typeof PARAMETERS[known].usual === 'string' ? text : readNumber(full, known, text);
  }
  return options;
}

function readNumber(metric: string, what: string, text: string): number {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw new UserError(`metric ${metric}: ${what} must be a number, not ${text}`);
  return Number(text);
}
