import type { RetrievalResults } from '../data/retrieval-results.js';
import type { JudgedView } from './judged-view.js';

/**
 * An incremental, mergeable measure. For any partition of the input, any order of updates and any tree of merges, `value` is the same to the bit.
 * Most metrics give a value per query and are written as a `QueryMetric`; this contract is for the rest, and for what runs them.
 */
export interface Metric<S, V = number, Input = RetrievalResults> {
  readonly name: string;
  init(): S;
  /** Takes a batch into the state. */
  update(state: S, input: Input): void;
  /** Takes another state into the first. */
  merge(into: S, other: S): void;
  value(state: S): V;
  /** A further pass over the same input, where an exact answer needs one. */
  refine?(state: S): Metric<S, V, Input> | undefined;
}

/** The values of queries without a relevant item in the gallery. */
export interface EmptyValues {
  /** When some items were retrieved. */
  readonly irrelevant: number;
  /** When nothing was retrieved either. */
  readonly void: number;
}

/** A measure with one value per query. Lifted to a `Metric` in one place (`mean-metric.ts`). */
export interface QueryMetric {
  readonly name: string;
  /** How the values of the queries become one. */
  readonly reduce: 'mean' | 'sum' | 'geometric';
  /** What the metric gives for queries without relevant items, where it is a rule and no result: named in a warning. */
  readonly whenEmpty?: EmptyValues;
  /** Writes the value of every query of the view into `out` (length: the view's). */
  score(view: JudgedView, out: Float64Array): void;
}
