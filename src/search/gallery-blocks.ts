import type { EmbeddingBatch } from '../data/embedding-batch.js';
import { VectorStore } from '../data/vector-store.js';

/** Consecutive gallery rows in memory. */
export interface GalleryBlock {
  readonly firstRow: number;
  readonly vectors: VectorStore;
}

/** A gallery in blocks of `rows` rows, the last with what is left. Leaving the loop early closes the source. */
export async function* galleryBlocks(batches: AsyncIterable<EmbeddingBatch>, rows: number): AsyncGenerator<GalleryBlock, void, undefined> {
  let firstRow = 0;
  let vectors: VectorStore | undefined;
  for await (const batch of batches) {
    for (let from = 0; from < batch.rows; ) {
      vectors ??= new VectorStore(batch.dim);
      const end = Math.min(batch.rows, from + rows - vectors.rows);
      vectors.append(batch.slice(from, end), batch.source);
      from = end;
      if (vectors.rows < rows) continue;
      yield { firstRow, vectors };
      firstRow += rows;
      vectors = undefined;
    }
  }
  if (vectors) yield { firstRow, vectors };
}
