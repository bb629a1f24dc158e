import { naturalOrder } from '../src/metrics/natural-order.js';
import type { PairValues } from '../src/metrics/pair-values.js';
import type { Postprocessor } from '../src/postprocess/postprocessor.js';
import type { MetricGroups, MetricValues, Results } from '../src/report/results.js';
import type { Outcome } from './chain.js';

/** Values beside those of the evaluation: of pairs, of the items themselves. */
export interface MoreValues {
  readonly metrics: MetricValues;
  readonly by?: MetricGroups;
  readonly warnings: readonly string[];
}

export interface ResultsInput {
  readonly outcome: Outcome;
  readonly postprocessors?: readonly Postprocessor<unknown>[];
  /** The names of all metrics, in the order in which they were asked for. */
  readonly names: readonly string[];
  /** What post-processors do not change. */
  readonly more?: readonly MoreValues[];
  readonly seconds: Readonly<Record<string, number>>;
  readonly warnings?: readonly string[];
}

/** The results JSON of a run; metrics must have been measured. */
export function resultsOf({ outcome, postprocessors = [], names, more = [], seconds, warnings = [] }: ResultsInput): Results {
  const { value, baseline, info, pairs, baselinePairs } = outcome;
  if (!value) throw new Error('resultsOf needs a run with metrics');
  const all = [...more, ...(pairs ? [retrieved(pairs, info.k)] : [])];
  return {
    ...joined(names, [value, ...all]),
    ...(baseline && { baseline: joined(names, [baseline, ...more, ...(baselinePairs ? [baselinePairs] : [])]) }),
    queries: value.queries,
    gallery: info.gallerySize,
    k: info.k,
    distance: info.distance,
    device: info.device,
    postprocess: postprocessors.map(({ name, params }) => ({ name, params })),
    seconds: { ...seconds },
    warnings: [...warnings, ...value.warnings, ...all.flatMap((one) => one.warnings)],
  };
}

/** Measures of retrieved pairs, with the warning that they depend on what was retrieved. */
function retrieved(values: PairValues, k: number | undefined): MoreValues {
  const nearest = k === undefined ? 'the retrieved items' : `the ${k} nearest items`;
  const names = Object.keys(values.metrics).join(', ');
  return { ...values, warnings: [`${names}: of ${nearest} of each query only, and so dependent on k`, ...values.warnings] };
}

/** Values of several accumulators as one: metrics in the order of `names`, groups in natural order. */
function joined(names: readonly string[], parts: readonly Omit<MoreValues, 'warnings'>[]): Pick<Results, 'metrics' | 'by'> {
  const ordered = (values: readonly (MetricValues | undefined)[]): MetricValues => {
    const all: MetricValues = Object.assign({}, ...values);
    return Object.fromEntries(names.filter((name) => name in all).map((name) => [name, all[name]]));
  };
  const columns = [...new Set(parts.flatMap(({ by = {} }) => Object.keys(by)))];
  // fromEntries, because assigning to a key called "__proto__" would not make one.
  const by = columns.map((column) => {
    const groups = parts.map((part) => new Map(Object.entries(part.by?.[column] ?? {})));
    const values = [...new Set(groups.flatMap((group) => [...group.keys()]))].sort(naturalOrder);
    return [column, Object.fromEntries(values.map((value) => [value, ordered(groups.map((group) => group.get(value)))]))];
  });
  return { metrics: ordered(parts.map(({ metrics }) => metrics)), by: Object.fromEntries(by) };
}

/** The results as the text of a file: without what differs from run to run. */
export function resultsFile(results: Results): string {
  const { seconds: _, ...lasting } = results;
  return `${JSON.stringify(lasting, null, 2)}\n`;
}

/** A stopwatch: `lap` gives the seconds since the last one. */
export function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const seconds = Math.round(now - last) / 1000;
    last = now;
    return seconds;
  };
}
