import { z } from 'zod';
import { UserError } from '../data/errors.js';
import { type EvaluationValue, evaluation } from './evaluation.js';
import { EVALUATION_FORMAT } from './evaluation-state.js';
import { parseMetricSet } from './metric-set.js';
import { naturalOrder } from './natural-order.js';
import { parseMetrics } from './registry.js';
import { PAIRS_FORMAT, retrievedPairs } from './retrieved-pairs.js';
import type { SavableMetric, SavedState } from './savable.js';

/** What an accumulator can add to the results of a command. */
type Contribution = Partial<EvaluationValue>;

/** A saved state, and the file that it comes from, for messages. */
export interface StateOf {
  readonly source: string;
  readonly saved: SavedState;
}

type Merge = (states: readonly StateOf[]) => { readonly saved: SavedState; readonly value: Contribution };

/**
 * Every accumulator whose states merge across processes, by the format of its states: how it is made again from the parameters that stand in a state.
 *
 * A new accumulator is a `SavableMetric` (its `saveState` gives format, version and parameters beside what was accumulated, its `loadState` refuses
 * all that does not match) and a line here. A `value` that is not yet what the results JSON holds is put in its place by the function given with it:
 *
 *     'rankstream fnmr': mergeOf((saved) => fnmr(parametersOf(saved).fmr), (value) => ({ metrics: { 'fnmr@fmr=0.1': value } })),
 */
const ACCUMULATORS: Readonly<Record<string, Merge>> = {
  [EVALUATION_FORMAT]: mergeOf(evaluationOf, (value) => value),
  [PAIRS_FORMAT]: mergeOf(retrievedPairsOf, ({ metrics, warnings }) => ({ metrics, warnings })),
};

function mergeOf<S, V>(make: (saved: SavedState) => SavableMetric<S, V, never>, contribution: (value: V) => Contribution): Merge {
  return ([first, ...others]) => {
    // States after the first are read by the accumulator of the first, which refuses those of other parameters.
    const metric = named(first.source, () => make(first.saved));
    const load = ({ source, saved }: StateOf) => named(source, () => metric.loadState(saved));
    const state = load(first);
    for (const other of others) metric.merge(state, load(other));
    return { saved: metric.saveState(state), value: contribution(metric.value(state)) };
  };
}

const evaluationParameters = z.object({ metrics: z.array(z.string()), by: z.array(z.string()) });

function evaluationOf(saved: SavedState) {
  const { data } = evaluationParameters.safeParse(saved);
  if (!data) throw new UserError('the saved evaluation does not name its metrics and columns');
  return evaluation({ metrics: parseMetrics(data.metrics), by: data.by });
}

function retrievedPairsOf(saved: SavedState) {
  const { data } = z.object({ metrics: z.array(z.string()) }).safeParse(saved);
  if (!data) throw new UserError('the saved pairs do not name their metrics');
  return retrievedPairs(parseMetricSet(data.metrics).pairs);
}

/**
 * Merges what several processes accumulated: for each the same accumulators in the same order.
 * @param parts the states of each process, in any order: the outcome is the same to the bit
 * @returns the merged states, to be saved and merged again, and their values as one
 * @throws UserError naming the file of the first state that does not match those before
 */
export function mergeSavedStates(parts: readonly { readonly source: string; readonly states: readonly SavedState[] }[]): {
  readonly states: SavedState[];
  readonly value: EvaluationValue;
} {
  const [first] = parts;
  const formats = (states: readonly SavedState[]) => states.map(({ format }) => format).join(', ') || 'nothing';
  for (const { source, states } of parts) {
    if (formats(states) !== formats(first.states))
      throw new UserError(`${source}: holds states of ${formats(states)}, where ${first.source} holds ${formats(first.states)}`);
  }
  const merged = first.states.map(({ format }, i) => {
    if (!Object.hasOwn(ACCUMULATORS, format))
      throw new UserError(`${first.source}: a state of ${JSON.stringify(format)}, which this version does not know`);
    return ACCUMULATORS[format](parts.map(({ source, states }) => ({ source, saved: states[i] })));
  });
  return { states: merged.map(({ saved }) => saved), value: together(merged.map(({ value }) => value)) };
}

/** What several accumulators of the same queries contribute, as one. */
function together(values: readonly Contribution[]): EvaluationValue {
  const columns = [...new Set(values.flatMap(({ by = {} }) => Object.keys(by)))];
  const groups = (column: string) => {
    const names = [...new Set(values.flatMap(({ by }) => Object.keys(by?.[column] ?? {})))].sort(naturalOrder);
    return Object.fromEntries(names.map((name) => [name, Object.assign({}, ...values.map(({ by }) => by?.[column]?.[name]))]));
  };
  return {
    metrics: Object.assign({}, ...values.map(({ metrics }) => metrics)),
    by: Object.fromEntries(columns.map((column) => [column, groups(column)])),
    queries: Math.max(0, ...values.map(({ queries = 0 }) => queries)),
    warnings: values.flatMap(({ warnings = [] }) => warnings),
  };
}

function named<T>(source: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${source}: ${error.message}`);
    throw error;
  }
}
