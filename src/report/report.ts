import type { Results } from './results.js';

/** A query or gallery item as it is shown: its picture, else its text, else its row and label. */
export interface Item {
  /** Row in the query set or in the gallery. */
  readonly row: number;
  readonly kind: 'query' | 'gallery';
  /** A picture's file, relative to the report's root folder. */
  readonly path?: string;
  /** The part of the picture that is the item: x_1, y_1, x_2, y_2 in stored pixels. */
  readonly box?: readonly [number, number, number, number];
  readonly text?: string;
  readonly label?: string;
}

/** `unknown`: there is no ground truth for it. */
export type Verdict = 'correct' | 'wrong' | 'unknown';

export interface ShownItem {
  readonly item: Item;
  readonly distance: number;
  readonly verdict: Verdict;
  /** Place in the retrieved list, from 1. */
  readonly rank: number;
}

/** The beginning of what was retrieved for a query. */
export interface ShownList {
  /** `RR`, or `RR_upd` after post-processing. */
  readonly title: string;
  readonly items: readonly ShownItem[];
  /** Number of items in the whole list; 0: nothing was retrieved. */
  readonly retrieved: number;
  /** Number of relevant items in the whole list, where relevance is known. */
  readonly hits?: number;
  /** Rank of the first relevant item of the whole list. */
  readonly firstCorrect?: number;
}

/** A query with what was retrieved for it. */
export interface ShownQuery {
  readonly row: number;
  readonly queryId?: string;
  readonly category?: string;
  /** The metric by which the query was chosen, its value, and its value before post-processing. */
  readonly value?: { readonly metric: string; readonly value: number | null; readonly baseline?: number | null };
  readonly query: Item;
  /** RR first, RR_upd beneath it. */
  readonly lists: readonly ShownList[];
  /** The first relevant gallery items that the last list lacks. */
  readonly missed: readonly Item[];
  /** Number of relevant gallery items, where relevance is known. */
  readonly numRelevant?: number;
}

export interface ReportSection {
  readonly title: string;
  readonly queries: readonly ShownQuery[];
}

/** What the HTML report shows. */
export interface Report {
  readonly title: string;
  readonly results: Results;
  /** Worst queries, chosen queries, ... */
  readonly sections: readonly ReportSection[];
}
