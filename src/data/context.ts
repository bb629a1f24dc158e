import type { Columns } from './columns.js';
import type { Gallery } from './gallery.js';
import type { RetrievalResults } from './retrieval-results.js';

/** The items of queries and gallery as a model takes them. */
export interface ItemTensors {
  /** Shape of one item, for example [3, 224, 224]. */
  readonly shape: readonly number[];
  /**
   * The values of a query's item, as many as the shape says.
   * @param position of the query in the batch of results
   * @throws UserError naming the item that cannot be read
   */
  query(rr: RetrievalResults, position: number): Promise<Float32Array>;
  /** The values of a gallery item. @throws UserError naming the item that cannot be read */
  gallery(row: number): Promise<Float32Array>;
}

/** The items of queries and gallery as texts. */
export interface ItemTexts {
  /** @param position of the query in the batch of results @throws UserError naming the query that has no text */
  query(rr: RetrievalResults, position: number): string;
  /** @throws UserError naming the item that has no text */
  gallery(row: number): string;
}

/** What a step may use beside the results themselves. */
export interface Context {
  readonly gallery?: Gallery;
  /** Columns of the gallery, also where its vectors are not in memory. */
  readonly columns?: Columns;
  readonly items?: ItemTensors;
  readonly texts?: ItemTexts;
  /** Told how many pairs more a model has compared, after each of its runs. */
  readonly onPairs?: (pairs: number) => void;
}
