import type { PostprocessStep } from './results.js';

/** A value on the held-out queries. */
export interface HeldOutValue {
  /** The mean over folds. */
  readonly mean: number;
  /** The standard deviation over folds (n - 1). */
  readonly deviation: number;
  /** Over all queries at once, each with the parameters of its fold. */
  readonly pooled: number;
}

/** A chain with its parameters: as `--with` takes it, and in parts. */
export interface TunedChain {
  readonly with: string;
  readonly postprocess: readonly PostprocessStep[];
}

/** The best chain on the training queries of a fold, and what it is worth on the others. */
export interface TuningFold extends TunedChain {
  /** Held-out queries. */
  readonly queries: number;
  readonly training: number;
  readonly heldOut: number;
  /** The held-out queries without post-processing. */
  readonly baseline: number;
}

/** The outcome of `rankstream tune`, and its JSON. */
export interface Tuning {
  readonly metric: string;
  readonly optimum: 'highest' | 'lowest';
  /** Parameters that were tried. */
  readonly points: number;
  readonly folds: number;
  readonly seed: number;
  readonly queries: number;
  /** How often the results were read. */
  readonly reads: number;
  /** What to expect of parameters that were chosen in this way. */
  readonly heldOut: HeldOutValue;
  /** The same queries without post-processing. */
  readonly baseline: HeldOutValue;
  readonly byFold: readonly TuningFold[];
  /** The parameters to use: the best on all queries; `fitted` is their value there, which flatters them. */
  readonly best: TunedChain & { readonly fitted: number };
  readonly warnings: readonly string[];
}
