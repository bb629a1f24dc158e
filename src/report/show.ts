import { type Columns, textOf } from '../data/columns.js';
import type { RetrievalResults } from '../data/retrieval-results.js';
import type { Item, ShownList, ShownQuery, Verdict } from './report.js';

/** The columns of the gallery that are shown. */
export const SHOWN_COLUMNS = ['path', 'text', 'label', 'x_1', 'y_1', 'x_2', 'y_2'] as const;

export interface ShowOptions {
  readonly rr: RetrievalResults;
  /** Position of the query in `rr` (0). */
  readonly position?: number;
  /** The results before post-processing, with the same query at any position. */
  readonly baseline?: RetrievalResults;
  /** Columns of the gallery: `SHOWN_COLUMNS` are used. */
  readonly gallery?: Columns;
  /** The relevant gallery rows, ascending; by default those that `rr` carries. */
  readonly relevantRows?: ArrayLike<number>;
  readonly value?: ShownQuery['value'];
  /** Retrieved items to show (5). */
  readonly items?: number;
  /** Missed relevant items to show (2). */
  readonly missed?: number;
}

/** Takes from retrieval results what the report shows of one query. */
export function showQuery(options: ShowOptions): ShownQuery {
  const { rr, position = 0, baseline, gallery = {}, items = 5, missed = 2, value } = options;
  const row = rr.rows[position];
  const before = baseline?.rows.indexOf(row) ?? -1;
  const lists = [shownList(rr, position, before < 0 ? 'RR' : 'RR_upd', items, gallery)];
  if (baseline && before >= 0) lists.unshift(shownList(baseline, before, 'RR', items, gallery));
  const retrieved = new Set(rr.retrievedIds(position));
  const absent: number[] = [];
  const relevant = options.relevantRows ?? relevantOf(rr, position);
  for (let i = 0; i < relevant.length && absent.length < missed; i++) if (!retrieved.has(relevant[i])) absent.push(relevant[i]);
  const columns = { ...rr.queries?.columns, ...rr.columns };
  return {
    row,
    queryId: textAt(rr.queryIds, position),
    category: columns.category && textOf(columns.category.get(position)),
    value,
    query: itemAt(columns, position, row, 'query'),
    lists,
    missed: absent.map((at) => itemAt(gallery, at, at, 'gallery')),
    numRelevant: rr.numRelevant?.[position],
  };
}

function shownList(rr: RetrievalResults, position: number, title: string, items: number, gallery: Columns): ShownList {
  const ids = rr.retrievedIds(position);
  const distances = rr.distancesOf(position);
  const gains = rr.gains?.subarray(rr.offsets[position], rr.offsets[position + 1]);
  const first = gains?.findIndex((gain) => gain >= 1) ?? -1;
  return {
    title,
    retrieved: ids.length,
    hits: gains?.reduce((sum, gain) => sum + (gain >= 1 ? 1 : 0), 0),
    firstCorrect: first < 0 ? undefined : first + 1,
    items: Array.from(ids.subarray(0, items), (id, i) => ({
      item: itemAt(gallery, id, id, 'gallery'),
      distance: distances[i],
      verdict: verdictOf(gains?.[i]),
      rank: i + 1,
    })),
  };
}

function verdictOf(gain: number | undefined): Verdict {
  return gain === undefined || Number.isNaN(gain) ? 'unknown' : gain >= 1 ? 'correct' : 'wrong';
}

/** The relevant rows that were kept with the results, ascending. */
function relevantOf(rr: RetrievalResults, position: number): Int32Array {
  const { relevant, relevantGains } = rr;
  if (!relevant) return new Int32Array(0);
  const start = relevant.offsets[position];
  const rows = relevant.values.subarray(start, relevant.offsets[position + 1]);
  return rows.filter((_, i) => (relevantGains?.[start + i] ?? 1) >= 1).sort();
}

/** @param index position in the columns @param row row in the whole set */
function itemAt(columns: Columns, index: number, row: number, kind: Item['kind']): Item {
  const box = ['x_1', 'y_1', 'x_2', 'y_2'].map((name) => columns[name]?.get(index) as number | bigint | null | undefined);
  return {
    row,
    kind,
    path: textAt(columns.path, index),
    text: textAt(columns.text, index),
    label: textAt(columns.label, index),
    // A box with a missing corner is none, as in the dataset format.
    box: box.some((value) => value === null || value === undefined || Number.isNaN(value))
      ? undefined
      : (box.map(Number) as [number, number, number, number]),
  };
}

function textAt(column: Columns[string] | undefined, index: number): string | undefined {
  const value = column?.get(index);
  return value === null || value === undefined ? undefined : textOf(value);
}
