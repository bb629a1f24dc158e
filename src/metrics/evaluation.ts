import { textOf } from '../data/columns.js';
import { didYouMean, UserError } from '../data/errors.js';
import type { RetrievalResults } from '../data/retrieval-results.js';
import { emptyWarnings } from './empty-rules.js';
import {
  type EvaluationState,
  type Group,
  groupOf,
  loadState,
  mergeStates,
  newState,
  type SavedEvaluation,
  saveState,
  sortedGroups,
} from './evaluation-state.js';
import { judgedView } from './judged-view.js';
import type { QueryMetric } from './metric.js';
import { reduced, toTerms } from './reduction.js';
import type { SavableMetric } from './savable.js';

export interface EvaluationOptions {
  /** What to compute; a name that stands twice counts once. */
  readonly metrics: readonly QueryMetric[];
  /** Query columns by whose values the metrics are also computed. */
  readonly by?: readonly string[];
}

/** Metrics by name; null without queries. */
export type MetricValues = Record<string, number | null>;

export interface EvaluationValue {
  /** Over all queries. */
  readonly metrics: MetricValues;
  /** By column, then value (null: "(none)"), in natural order. */
  readonly by: Record<string, Record<string, MetricValues>>;
  readonly queries: number;
  readonly warnings: string[];
}

/** An accumulator of many metrics, overall and by category. */
export interface Evaluation extends SavableMetric<EvaluationState, EvaluationValue> {
  /** A state as JSON, to be merged elsewhere or later; equal states give equal text. */
  saveState(state: EvaluationState): SavedEvaluation;
  /** @throws UserError when the JSON is no saved state, or one of other metrics or columns */
  loadState(json: unknown): EvaluationState;
}

/**
 * All metrics of an evaluation in one accumulator: each is scored once per batch, and its values go to the sum over all queries and to the sum of
 * the query's category in each column of `by`.
 *
 * @example
 * const accumulator = evaluation({ metrics: parseMetrics('cmc@1,map@10'), by: ['category'] });
 * const state = accumulator.init();
 * for await (const rr of results) accumulator.update(state, rr);
 * accumulator.value(state).by.category.jackets['cmc@1'];
 */
export function evaluation({ metrics: given, by: columns = [] }: EvaluationOptions): Evaluation {
  const metrics = given.filter((metric, i) => given.findIndex(({ name }) => name === metric.name) === i);
  const by = [...new Set(columns)];
  const shape = { metrics: metrics.map((metric) => metric.name), by };
  // One array serves every metric of every batch.
  let scratch = new Float64Array(0);

  const valuesOf = (group: Group): MetricValues =>
    Object.fromEntries(metrics.map((metric, m) => [metric.name, reduced(metric, group.sums[m], group.queries)]));

  return {
    name: 'evaluation',
    init: () => newState(metrics.length, by.length),
    update(state, rr) {
      if (rr.length === 0) return;
      const view = judgedView(rr);
      const groups = by.map((column, b) => groupsOfQueries(state.by[b], rr, column, metrics.length));
      if (scratch.length < rr.length) scratch = new Float64Array(rr.length);
      const values = scratch.subarray(0, rr.length);
      metrics.forEach((metric, m) => {
        metric.score(view, values);
        toTerms(metric, values);
        const total = state.total.sums[m];
        for (let q = 0; q < values.length; q++) total.add(values[q]);
        for (const ofQuery of groups) for (let q = 0; q < values.length; q++) ofQuery[q].sums[m].add(values[q]);
      });
      state.total.queries += rr.length;
      for (const ofQuery of groups) for (const group of ofQuery) group.queries++;
      for (let q = 0; q < rr.length; q++) {
        if (view.numRelevant[q] > 0) continue;
        if (view.offsets[q + 1] > view.offsets[q]) state.irrelevant++;
        else state.void++;
      }
    },
    merge: mergeStates,
    value: (state) => ({
      metrics: valuesOf(state.total),
      // fromEntries, because assigning to a key called "__proto__" would not make one.
      by: Object.fromEntries(
        by.map((column, b) => [column, Object.fromEntries(sortedGroups(state.by[b]).map(([value, group]) => [value, valuesOf(group)]))]),
      ),
      queries: state.total.queries,
      warnings: state.total.queries === 0 ? ['there are no queries, so no metric is defined'] : emptyWarnings(state, metrics),
    }),
    saveState: (state) => saveState(state, shape),
    loadState: (json) => loadState(json, shape),
  };
}

/** The group that each query of a batch belongs to. */
function groupsOfQueries(groups: Map<string, Group>, rr: RetrievalResults, name: string, metrics: number): Group[] {
  const available = Object.keys(rr.columns);
  if (!available.includes(name)) {
    const there = available.length === 0 ? 'the results have no columns' : `there are: ${available.join(', ')}`;
    throw new UserError(`no query column "${name}" to group by (${there})${didYouMean(name, available)}`);
  }
  const column = rr.columns[name];
  const ofQuery = new Array<Group>(rr.length);
  for (let q = 0; q < rr.length; q++) ofQuery[q] = groupOf(groups, textOf(column.get(q)), metrics);
  return ofQuery;
}
