import { textOf } from '../data/columns.js';
import { RetrievalResults } from '../data/retrieval-results.js';
import type { Metric, QueryMetric } from './metric.js';
import { type WorstQuery, type WorstState, worstQueries } from './worst.js';

export interface WorstResultsOptions {
  /** By each of these. */
  readonly metrics: readonly QueryMetric[];
  /** Queries of each metric. */
  readonly count: number;
  /** A query column: the worst queries of each of its values are found too. */
  readonly by?: string;
}

export interface WorstResults {
  /** Lowest first, for each metric. */
  readonly overall: readonly (readonly WorstQuery[])[];
  /** The same for each value of the column (null: "(none)"), in the order in which they came. */
  readonly groups: ReadonlyMap<string, readonly (readonly WorstQuery[])[]>;
  /** The results of all these queries; undefined when there were none. */
  readonly results?: RetrievalResults;
}

export interface WorstResultsState {
  readonly overall: readonly WorstState[];
  readonly groups: Map<string, readonly WorstState[]>;
  /** Results of queries by their rows. */
  readonly kept: Map<number, RetrievalResults>;
}

/**
 * The worst queries by several metrics (see `worstQueries`) with what was retrieved for them, so that they can be shown when the stream is over. Memory is that of the
 * queries which are found, however many are seen.
 */
export function worstResults({ metrics, count, by }: WorstResultsOptions): Metric<WorstResultsState, WorstResults> {
  const worst = metrics.map((metric) => worstQueries(metric, count));
  const init = () => worst.map((metric) => metric.init());
  const groupOf = ({ groups }: WorstResultsState, value: string): readonly WorstState[] => {
    const known = groups.get(value) ?? init();
    groups.set(value, known);
    return known;
  };
  const valuesOf = (states: readonly WorstState[]) => worst.map((metric, m) => metric.value(states[m]));
  const wantedRows = ({ overall, groups }: WorstResultsState) =>
    new Set([overall, ...groups.values()].flatMap((states) => states.flatMap((heap) => heap.map(({ row }) => row))));
  return {
    name: `worst ${count} by ${metrics.map(({ name }) => name).join(', ')}`,
    init: () => ({ overall: init(), groups: new Map(), kept: new Map() }),
    update(state, rr) {
      for (const [m, metric] of worst.entries()) metric.update(state.overall[m], rr);
      if (by !== undefined)
        for (const [value, positions] of positionsOf(rr, by)) {
          const part = rr.pick(positions);
          for (const [m, metric] of worst.entries()) metric.update(groupOf(state, value)[m], part);
        }
      const wanted = wantedRows(state);
      for (const row of state.kept.keys()) if (!wanted.has(row)) state.kept.delete(row);
      for (const [position, row] of rr.rows.entries()) if (wanted.has(row)) state.kept.set(row, rr.pick([position]));
    },
    merge(into, other) {
      for (const [m, metric] of worst.entries()) metric.merge(into.overall[m], other.overall[m]);
      for (const [value, states] of other.groups)
        for (const [m, metric] of worst.entries()) metric.merge(groupOf(into, value)[m], states[m]);
      const wanted = wantedRows(into);
      for (const [row, rr] of other.kept) into.kept.set(row, rr);
      for (const row of into.kept.keys()) if (!wanted.has(row)) into.kept.delete(row);
    },
    value: ({ overall, groups, kept }) => ({
      overall: valuesOf(overall),
      groups: new Map([...groups].map(([value, states]) => [value, valuesOf(states)])),
      results: kept.size > 0 ? RetrievalResults.concat([...kept.values()]) : undefined,
    }),
  };
}

/** Positions of the queries of a batch by the value of a column. */
function positionsOf({ columns, length }: RetrievalResults, by: string): Map<string, number[]> {
  const positions = new Map<string, number[]>();
  for (let q = 0; q < length; q++) {
    const value = textOf(columns[by].get(q));
    const known = positions.get(value);
    if (known) known.push(q);
    else positions.set(value, [q]);
  }
  return positions;
}
