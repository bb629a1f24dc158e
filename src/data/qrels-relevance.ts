import type { EmbeddingBatch } from './embedding-batch.js';
import { UserError } from './errors.js';
import type { GalleryItems } from './gallery-items.js';
import type { IdTable } from './id-table.js';
import type { QueryLists } from './query-lists.js';
import { ignoredRows, type Relevance } from './relevance.js';

/** Relevance from qrels instead of labels: ids of queries and gallery items are those of the qrels. */
export interface QrelsRelevance {
  /** The queries that have judgements, renumbered; as trec_eval, the others are left out. */
  judgedQueries(queries: EmbeddingBatch, firstRow: number): EmbeddingBatch;
  /** Explicit and graded. Judgements of ignored items (the same item, the same sequence) are left out, as with labels. */
  of(queries: EmbeddingBatch): Relevance;
  /** Judged documents that are not in the gallery: nothing can retrieve them, and they are no ground truth. */
  readonly absent: number;
}

/**
 * Relevance of a gallery's items by qrels.
 * @throws UserError when the gallery, or later the queries, have no `id` column, and when no judged document is in the gallery
 */
export function qrelsRelevance(
  gallery: Pick<GalleryItems, 'columns' | 'sequences' | 'size' | 'source'>,
  qrels: QueryLists,
): QrelsRelevance {
  const { documents } = qrels;
  const document = rowsIn(documents, gallery);
  const rowOf = new Int32Array(documents.size).fill(-1);
  for (let row = 0; row < gallery.size; row++) {
    const judged = document(row);
    if (judged >= 0) rowOf[judged] = row;
  }
  const absent = rowOf.reduce((count, row) => count + (row < 0 ? 1 : 0), 0);
  if (absent === documents.size) {
    const id = gallery.columns.id?.get(0);
    throw new UserError(`${gallery.source}: none of its ids ("${id}", ...) is judged in ${qrels.source} ("${documents.id(0)}", ...)`);
  }

  return {
    absent,
    judgedQueries(queries, firstRow) {
      const query = rowsIn(qrels.queries, queries);
      const judged = Int32Array.from({ length: queries.rows }, (_, q) => q).filter((q) => query(q) >= 0);
      return queries.take(judged, firstRow);
    },
    of(queries) {
      const query = rowsIn(qrels.queries, queries);
      const ignored = ignoredRows(gallery, queries);
      const gains = Array.from({ length: queries.rows }, (_, q) => {
        const gainOf = new Map<number, number>();
        const at = query(q);
        if (at < 0) return gainOf;
        for (let i = qrels.offsets[at]; i < qrels.offsets[at + 1]; i++) {
          const row = rowOf[qrels.ids[i]];
          if (row >= 0 && !ignored(q, row)) gainOf.set(row, qrels.values[i]);
        }
        return gainOf;
      });
      const list = (q: number, level: number) =>
        Int32Array.from([...gains[q]].filter(([, gain]) => gain >= level).map(([row]) => row)).sort();
      return {
        explicit: true,
        count: (q, level = 1) => list(q, level).length,
        gain: (q, row) => gains[q].get(row),
        judged: (q) => gains[q].size,
        list: (q, level = 1) => list(q, level),
      };
    },
  };
}

/** For each row of a table the row that its id has among `ids`, or -1. */
function rowsIn(ids: IdTable, { columns, source }: Pick<GalleryItems, 'columns' | 'source'>): (row: number) => number {
  const column = columns.id;
  if (!column)
    throw new UserError(`${source}: no column "id", by which qrels call queries and gallery items; name it with --column id=NAME`);
  return (row) => {
    const id = column.get(row);
    return id === null ? -1 : ids.find(Buffer.from(String(id)));
  };
}
