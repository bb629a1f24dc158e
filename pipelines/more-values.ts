import { naturalOrder } from '../src/metrics/natural-order.js';
import type { MetricGroups, MetricValues } from '../src/report/results.js';
import type { Outcome } from './chain.js';

/** Values beside those of the queries: of pairs, of the items themselves. */
export interface MoreValues {
  readonly metrics: MetricValues;
  readonly by?: MetricGroups;
  readonly warnings: readonly string[];
}

/**
 * An outcome whose values are those of the queries, of the retrieved pairs and more, as one.
 * @param names of all metrics, in the order in which they were asked for
 * @param more what post-processors do not change
 */
export function withMore(outcome: Outcome, names: readonly string[], more: readonly MoreValues[] = []): Outcome {
  const { value, baseline, pairs, baselinePairs } = outcome;
  const after = [...more, ...(pairs ? [pairs] : [])];
  const before = [...more, ...(baselinePairs ? [baselinePairs] : [])];
  return {
    ...outcome,
    value: value && { ...value, ...joined(names, [value, ...after]), warnings: [value, ...after].flatMap(({ warnings }) => warnings) },
    baseline: baseline && { ...baseline, ...joined(names, [baseline, ...before]) },
  };
}

/** Values of several accumulators as one: metrics in the order of `names`, groups in natural order. */
function joined(names: readonly string[], parts: readonly MoreValues[]) {
  const ordered = (values: readonly (MetricValues | undefined)[]): Record<string, number | null> => {
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
