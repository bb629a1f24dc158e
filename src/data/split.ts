import type { EmbeddingBatch } from './embedding-batch.js';
import type { GalleryItems } from './gallery-items.js';
import { idRows } from './id-rows.js';

type Batches = AsyncIterable<EmbeddingBatch>;

/** The gallery of a table: the rows with `is_gallery`, or all rows where the table has no such column. */
export async function* galleryRows(table: Batches): AsyncGenerator<EmbeddingBatch, void, undefined> {
  let firstRow = 0;
  for await (const batch of table) {
    const rows = batch.take(where(batch, 'is_gallery'), firstRow);
    firstRow += rows.rows;
    yield rows;
  }
}

/**
 * The queries of a table: the rows with `is_query`, or all rows where the table has no such column; each knows its own row in the gallery that
 * `galleryRows` makes of the same table, and will not be its own result.
 */
export async function* queryRows(table: Batches): AsyncGenerator<EmbeddingBatch, void, undefined> {
  let firstRow = 0;
  let galleryRow = 0;
  for await (const batch of table) {
    const inGallery = batch.flags('is_gallery') ?? (() => true);
    const self = new Int32Array(batch.rows);
    for (let row = 0; row < batch.rows; row++) self[row] = inGallery(row) ? galleryRow++ : -1;
    const rows = batch.withSelf(self).take(where(batch, 'is_query'), firstRow);
    firstRow += rows.rows;
    yield rows;
  }
}

/** Queries of another file whose items are those of the gallery with the same id (`--same-id`). */
export async function* sameIds(queries: Batches, gallery: GalleryItems): AsyncGenerator<EmbeddingBatch, void, undefined> {
  const rowOf = idRows(gallery);
  for await (const batch of queries) {
    yield batch.withSelf(Int32Array.from({ length: batch.rows }, (_, row) => rowOf.get(String(batch.columns.id.get(row))) ?? -1));
  }
}

function where(batch: EmbeddingBatch, role: 'is_query' | 'is_gallery'): Int32Array {
  const flag = batch.flags(role);
  const rows = new Int32Array(batch.rows);
  let n = 0;
  for (let row = 0; row < batch.rows; row++) if (!flag || flag(row)) rows[n++] = row;
  return rows.subarray(0, n);
}
