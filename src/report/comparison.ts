import type { SystemComparison } from '../metrics/significance/compare-systems.js';

/** A query and its value in both systems. */
export interface QueryChange {
  /** Row in the query set; absent where a table names its queries by id alone. */
  readonly query?: number;
  readonly id?: string;
  readonly baseline: number;
  readonly value: number;
  readonly difference: number;
}

/** One of the things compared. */
export interface ComparedSystem {
  /** A, B, C... */
  readonly label: string;
  /** The file, as far as it tells the systems apart. */
  readonly name: string;
  readonly gallery?: number;
  readonly k?: number;
  readonly distance?: string;
}

/** A system under a metric, against the baseline. */
export interface ComparedValue extends Omit<SystemComparison, 'gained' | 'lost'> {
  readonly system: string;
  readonly mean: number;
  readonly gained: readonly QueryChange[];
  readonly lost: readonly QueryChange[];
}

/** The outcome of `rankstream compare`, and its JSON. */
export interface Comparison {
  /** The first is the baseline. */
  readonly systems: readonly ComparedSystem[];
  readonly queries: number;
  /** What tells the queries apart: their ids, or their rows where an input has no ids. */
  readonly matchedBy: 'id' | 'row';
  readonly metrics: readonly {
    readonly metric: string;
    readonly baseline: { readonly system: string; readonly mean: number };
    readonly against: readonly ComparedValue[];
  }[];
  /** How many comparisons the corrections are for. */
  readonly comparisons: number;
  readonly permutations: number;
  readonly resamples: number;
  readonly confidence: number;
  readonly seed: number;
  readonly warnings: readonly string[];
}
