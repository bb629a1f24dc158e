import type { Context } from '../data/context.js';
import type { JsonObject } from '../data/json.js';
import type { RetrievalResults } from '../data/retrieval-results.js';
import type { Metric } from '../metrics/metric.js';

export type { Context };

/** RR -> RR_upd: a step that improves or trims retrieval results. Pure: the input is never changed. */
export interface Postprocessor<F = void> {
  readonly name: string;
  /** Its parameters, for results files. */
  readonly params: JsonObject;
  /** What it cannot work without. */
  readonly needs?: readonly ('queries' | 'gallery' | 'columns' | 'items' | 'texts')[];
  /** Columns of the gallery that it reads, where it is known which: a gallery that is read for it keeps them. */
  readonly galleryColumns?: readonly string[];
  /** Shape of one vector or item as its model takes it, where it takes no other; a text is a side that may have any length. */
  readonly itemShape?: readonly (number | string)[];
  /** What it must learn from all results before it can process the first; present: it runs in two passes. */
  readonly fit?: Metric<unknown, F>;
  /** Its fit must have seen the queries that are processed, so that it cannot be learned from some and used on others. */
  readonly transductive?: boolean;
  process(rr: RetrievalResults, context: Context, fitted: F): RetrievalResults | Promise<RetrievalResults>;
  /** Frees what it holds (a model). */
  close?(): Promise<void>;
}
