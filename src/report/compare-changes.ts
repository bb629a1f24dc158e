import type { ComparedValue, Comparison, QueryChange } from './comparison.js';
import { formatDifference, formatMetric } from './format.js';

/** The queries that gained and lost most, for one metric and system. */
export interface Changes {
  readonly title: string;
  /** `gained` and `lost`, where there are any. */
  readonly lines: readonly { readonly what: 'gained' | 'lost'; readonly queries: readonly string[] }[];
}

/** @param shown how the name of a query is made safe for where it will stand */
export function compareChanges({ metrics }: Comparison, shown: (text: string) => string): Changes[] {
  return metrics.flatMap(({ metric, against }) =>
    against
      .map((value) => ({ title: `${shown(metric)}, ${value.system} against A`, lines: linesOf(value, shown) }))
      .filter(({ lines }) => lines.length > 0),
  );
}

function linesOf(value: ComparedValue, shown: (text: string) => string): Changes['lines'] {
  const line = ({ query, id, baseline, value: after, difference }: QueryChange) =>
    `${shown(id ?? `query ${query}`)} ${formatDifference(difference)} (${formatMetric(baseline)} to ${formatMetric(after)})`;
  return (['gained', 'lost'] as const)
    .map((what) => ({ what, queries: value[what].map(line) }))
    .filter(({ queries }) => queries.length > 0);
}
