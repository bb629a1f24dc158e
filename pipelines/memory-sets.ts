import type { EmbeddingBatch } from '../src/data/embedding-batch.js';
import { Gallery } from '../src/data/gallery.js';
import { galleryRows, queryRows } from '../src/data/split.js';
import { reiterable, type Sets } from './sets.js';

/** Rows of one batch of queries. */
const BATCH_ROWS = 1024;

/** The two sides of a retrieval within one table in memory, told apart as `openSets` does. The gallery has its vectors in memory of its own. */
export async function memorySets(table: EmbeddingBatch, folder: string): Promise<Sets> {
  const items = reiterable(() => batchesOf(table));
  const gallery = await Gallery.load(galleryRows(items));
  return { planned: { gallery, text: '' }, queries: reiterable(() => queryRows(items)), items, folder };
}

async function* batchesOf(table: EmbeddingBatch): AsyncGenerator<EmbeddingBatch, void, undefined> {
  for (let start = 0; start < table.rows; start += BATCH_ROWS) yield table.slice(start, Math.min(table.rows, start + BATCH_ROWS));
}
