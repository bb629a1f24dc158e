import type { Context } from '../data/context.js';
import type { RetrievalResults } from '../data/retrieval-results.js';

/** Pairs of a query and a gallery item of one batch of results; aligned. */
export interface Pairs {
  readonly rr: RetrievalResults;
  /** Positions of the queries in the batch. */
  readonly queries: Int32Array;
  /** Gallery rows. */
  readonly rows: Int32Array;
}

/** Estimates the distance of pairs: lower is more alike, any real number. */
export interface PairwiseModel {
  /** For results files. */
  readonly name: string;
  /** What it looks at: vectors of queries and gallery, or the items themselves. */
  readonly needs: readonly ('queries' | 'gallery' | 'items')[];
  /**
   * One distance a pair, in their order. Calls may overlap.
   * @throws UserError when the context lacks what it needs, or holds what does not fit
   */
  distances(pairs: Pairs, context: Context): Promise<ArrayLike<number>>;
  close?(): Promise<void>;
}
