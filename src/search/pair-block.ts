import type { Distance } from '../data/matrix.js';
import type { Postings } from '../data/postings.js';
import type { Shard } from '../data/vector-store.js';

/** What counting pairs knows of the gallery; all arrays are shared memory. */
export interface PairGallery {
  readonly shards: readonly Shard[];
  readonly dim: number;
  readonly distance: Distance;
  readonly size: number;
  readonly labels: Postings;
  readonly sequences?: Postings;
}

/** Queries and what tells their positive, negative and ignored pairs apart. */
export interface PairBlock {
  /** Row-major float32 [rows x dim]. */
  readonly queries: Float32Array;
  readonly rows: number;
  /** Position of the first query in the query set, for messages. */
  readonly firstQuery: number;
  /** Codes of their labels: -1 where there is none, -2 where no gallery row has it. */
  readonly labels: Int32Array;
  /** Gallery row of the same item, or -1. */
  readonly self?: Int32Array;
  /** Codes of their sequences, or negative. */
  readonly sequences?: Int32Array;
  /** The queries are the gallery: each is only compared with the gallery rows after its own. */
  readonly once?: boolean;
}
