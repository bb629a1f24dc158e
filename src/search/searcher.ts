import type { Distance, Matrix } from '../data/matrix.js';

/** Gallery items that may not be retrieved for a query; they never cost a slot. */
export interface Ignored {
  /** For each query the gallery row of the same item, or -1. */
  readonly self?: Int32Array;
  /** For each query the code of its sequence, or -1; the gallery's codes are given when the searcher is made. */
  readonly sequence?: Int32Array;
}

/** The nearest items of each query, in order of (float32 distance, gallery row). */
export interface TopK {
  /** List i is `ids[offsets[i]] ... ids[offsets[i + 1] - 1]`; length queries + 1. */
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
  readonly distances: Float32Array;
  /** Queries that needed a second, wider pass. */
  readonly retried: number;
}

/** A gallery ready to be searched. Engines differ in speed and in whether their answer is proven exact, not in its form. */
export interface Searcher {
  /** Gallery rows. */
  readonly size: number;
  readonly dimension: number;
  readonly distance: Distance;
  /** Where it runs, for example `cpu`. */
  readonly device: string;
  /** The answer is proven to be the true top k. */
  readonly exact: boolean;
  /**
   * The k nearest gallery rows of every query, fewer where the gallery has fewer. Calls may overlap; they are answered in order.
   * @param queries rows x dimension
   */
  search(queries: Matrix, k: number, ignored?: Ignored): Promise<TopK>;
  /** Every gallery row whose float32 distance is at most `radius`, in the same order; see `rangeSearch`. */
  range?(queries: Matrix, radius: number, ignored?: Ignored): Promise<TopK>;
  /** Frees threads and memory. */
  close(): Promise<void>;
}
