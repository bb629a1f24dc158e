import type { RetrievalResults } from '../data/retrieval-results.js';
import type { Metric } from './metric.js';

/**
 * The state of an accumulator as JSON. Beside these two it holds the accumulator's parameters and what was accumulated, under names of its own.
 * Equal states are equal text.
 */
export interface SavedState {
  /** Which accumulator it is of. */
  readonly format: string;
  /** Changes when states of before cannot be read any more. */
  readonly version: number;
}

/** An accumulator whose states can be saved, and merged in another process. */
export interface SavableMetric<S, V = number, Input = RetrievalResults> extends Metric<S, V, Input> {
  saveState(state: S): SavedState;
  /** @throws UserError when the JSON is no state, or one of another version or of other parameters */
  loadState(json: unknown): S;
}
