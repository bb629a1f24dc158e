import type { IdTable } from './id-table.js';

/** Lists of documents with a number each (a score, a gain), one list a query: what a run and qrels have in common. */
export interface QueryLists {
  /** The path they were read from, for messages. */
  readonly source: string;
  readonly queries: IdTable;
  readonly documents: IdTable;
  /** The list of query row q is [offsets[q], offsets[q + 1]) of the aligned arrays below, in the order of the file. */
  readonly offsets: Int32Array;
  /** Document rows. */
  readonly ids: Int32Array;
  readonly values: Float32Array;
}
