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
  /** What it looks at: vectors of queries and gallery, the items themselves, or their texts. */
  readonly needs: readonly ('queries' | 'gallery' | 'items' | 'texts')[];
  /** Shape of one vector or item as the model takes it, where it takes no other; a text is a side that may have any length. */
  readonly itemShape?: readonly (number | string)[];
  /**
   * One distance a pair, in their order. Calls may overlap.
   * @throws UserError when the context lacks what it needs, or holds what does not fit
   */
  distances(pairs: Pairs, context: Context): Promise<ArrayLike<number>>;
  close?(): Promise<void>;
}

/** Whether items of this shape can be given to a model. @param wanted its `itemShape` */
export function shapeFits(shape: readonly number[], wanted: readonly (number | string)[]): boolean {
  return shape.length === wanted.length && wanted.every((side, i) => typeof side === 'string' || side === shape[i]);
}
