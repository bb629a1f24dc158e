import type { Distance } from '../data/matrix.js';

/** What a fast pass scores: rows, and what is added to their scores. */
export interface PassRows {
  /** Row-major float32 [rows x dim] in shared memory: the gallery's rows, divided by their norm for cosine. */
  readonly data: Float32Array;
  /** Squared norms for l2, else zeros. */
  readonly bias: Float32Array;
}

/** Candidates by float32 products: score = bias - 2 xy for l2, -xy for the others; smaller is nearer. */
export interface FastPass {
  /**
   * The rows with the smallest scores, in any order.
   * @param queries rows x dim
   * @param count candidates of each query, at most the rows
   * @param ids positions of the candidates, int32 [rows x count]: filled here
   * @param values their scores, aligned with `ids`
   */
  propose(queries: Float32Array, rows: number, count: number, ids: Int32Array, values: Float32Array): Promise<void>;
  close(): Promise<void>;
}

/** Where fast passes run. */
export interface FastPassDevice {
  readonly name: string;
  /** Rows that are scored in one product, at most. */
  readonly columns: number;
  /** Rows that one pass can hold, at most. */
  partRows(dim: number): number;
  open(rows: PassRows, dim: number, distance: Distance): Promise<FastPass>;
}
