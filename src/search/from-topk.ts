import type { EmbeddingBatch } from '../data/embedding-batch.js';
import { UserError } from '../data/errors.js';
import type { Gallery } from '../data/gallery.js';
import { idRows } from '../data/id-rows.js';
import { judgedByLists } from '../data/judged-by-lists.js';
import { packLists } from '../data/lists.js';
import type { Distance } from '../data/matrix.js';
import { type RetrievalInfo, RetrievalResults } from '../data/retrieval-results.js';
import { isIgnored } from './ignored.js';
import { ignoredOf, resultsOf } from './retrieve.js';

const MOST_ROW = 2 ** 31 - 1;

/** One list for each query, or one array [queries x width] row by row. */
export type TopKTable<T> = readonly ArrayLike<T>[] | Int32Array | BigInt64Array | Float32Array | Float64Array;

export interface FromTopKOptions {
  /** What the second argument holds: distances (the default), squared distances (FAISS with L2), or scores, where more is nearer (inner products, Elasticsearch). */
  readonly values?: 'distances' | 'squared' | 'scores';
  /** Items of each query in arrays [queries x width]; where `queries` are given it follows. */
  readonly width?: number;
  /** Items kept of each query, after those that it ignores are gone: ask the index for that many more. Default: all. */
  readonly k?: number;
  /** With labels on both sides the results are judged by them. Items of the same row (`withSelf`) and of the same sequence are left out, as in a search. */
  readonly gallery?: Gallery;
  readonly queries?: EmbeddingBatch;
  /** Instead of labels: the relevant gallery rows of each query. */
  readonly relevant?: readonly ArrayLike<number>[];
  /** The distance that the index used, to be recorded. */
  readonly distance?: Distance;
  /** What searched, to be recorded: `faiss`. */
  readonly device?: string;
  /** Keep the relevant rows themselves in the results. */
  readonly keepRelevant?: boolean;
}

/**
 * Retrieval results from any index. Its order is kept, also among equal distances: it is what users of the index see.
 * @param ids gallery rows, or, where the gallery has an `id` column, ids as texts; -1 (FAISS) ends a list
 * @param distances aligned with `ids`
 * @throws UserError naming the query: an unknown id, an item twice, distances that fall (scores?) or are not finite; lengths that disagree
 * @example const rr = fromTopK(labels, squared, { values: 'squared', gallery, queries }); // faiss: squared, labels = index.search(x, k)
 */
export function fromTopK(
  ids: TopKTable<number | bigint | string>,
  distances: TopKTable<number>,
  options: FromTopKOptions = {},
): RetrievalResults {
  const { gallery, queries, relevant, values = 'distances', k = Number.POSITIVE_INFINITY, keepRelevant = false } = options;
  if (queries && !gallery) throw new UserError('fromTopK: queries need their gallery');
  const idLists = listsOf(ids, options, 'ids');
  const valueLists = listsOf(distances, options, 'distances');
  if (idLists.length !== valueLists.length)
    throw new UserError(`fromTopK: ids of ${idLists.length} queries, distances of ${valueLists.length}`);
  if (queries && queries.rows !== idLists.length)
    throw new UserError(`fromTopK: results of ${idLists.length} queries, but ${queries.rows} queries`);

  const rowOf = rowReader(gallery);
  const ignored = gallery && queries ? ignoredOf(gallery, queries) : {};
  const kept = idLists.map((list, q) => {
    const given = valueLists[q];
    if (list.length !== given.length) throw new UserError(`fromTopK, query ${q}: ${list.length} ids, but ${given.length} distances`);
    const rows: number[] = [];
    const near: number[] = [];
    for (let i = 0; i < list.length && rows.length < k && list[i] !== -1 && list[i] !== -1n; i++) {
      const row = rowOf(list[i], q);
      if (gallery && isIgnored(gallery, ignored, q, row)) continue;
      rows.push(row);
      near.push(distanceOf(given[i], values, q));
    }
    return { rows, near };
  });
  const lists = packLists(
    kept.map((list) => list.rows),
    Int32Array,
  );
  const near = packLists(
    kept.map((list) => list.near),
    Float32Array,
  );
  const found = { offsets: lists.offsets, ids: lists.values, distances: near.values };
  const info: RetrievalInfo = {
    gallerySize: gallery?.size,
    distance: values === 'scores' ? 'score' : options.distance,
    fingerprint: gallery?.fingerprint,
    k: options.k,
    device: options.device,
  };
  const plain = RetrievalResults.checked({ info, rows: Uint32Array.from(kept.keys()), ...found, columns: {} }, 'fromTopK');
  const rr = gallery && queries ? resultsOf(found, info, gallery, queries, keepRelevant) : plain;
  return relevant ? RetrievalResults.trusted({ ...rr, ...judgedByLists(rr, packLists(relevant, Int32Array)) }) : rr;
}

/** Reads ids as gallery rows. */
function rowReader(gallery: Gallery | undefined): (id: number | bigint | string, q: number) => number {
  let rows: ReadonlyMap<string, number> | undefined;
  return (id, q) => {
    if (typeof id === 'string') {
      if (!gallery?.columns.id) throw new UserError(`fromTopK, query ${q}: the text "${id}" can only be found in a gallery with ids`);
      rows ??= idRows(gallery);
      const row = rows.get(id);
      if (row === undefined) throw new UserError(`fromTopK, query ${q}: id "${id}" is not in the gallery`);
      return row;
    }
    const row = Number(id);
    if (!Number.isInteger(row) || row < 0 || row > MOST_ROW) throw new UserError(`fromTopK, query ${q}: ${id} is no gallery row`);
    return row;
  };
}

function listsOf<T>(table: TopKTable<T>, { width, queries }: FromTopKOptions, what: string): ArrayLike<T>[] {
  if (Array.isArray(table)) return [...table];
  const flat = table as unknown as { readonly length: number; subarray(from: number, to: number): ArrayLike<T> };
  const step = width ?? (queries && flat.length / queries.rows);
  if (step === undefined) throw new UserError(`fromTopK: ${what} in one array need width, the items of each query`);
  if (!Number.isInteger(step) || step < 1 || flat.length % step !== 0) {
    throw new UserError(`fromTopK: ${flat.length} ${what} do not make rows of ${step} for each query`);
  }
  return Array.from({ length: flat.length / step }, (_, q) => flat.subarray(q * step, (q + 1) * step));
}

function distanceOf(value: number, kind: 'distances' | 'squared' | 'scores', q: number): number {
  if (!Number.isFinite(Math.fround(value))) throw new UserError(`fromTopK, query ${q}: ${value} is no distance`);
  if (kind === 'scores') return -value + 0;
  // FAISS computes |x|^2 + |y|^2 - 2 xy, which rounding can make negative.
  return kind === 'squared' ? Math.sqrt(Math.max(0, value)) : value;
}
