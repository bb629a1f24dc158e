import { makeVector } from 'apache-arrow';
import { EmbeddingBatch } from '../src/data/embedding-batch.js';
import { readEmbeddings } from '../src/io/read-embeddings.js';
import { readNpy } from './npy.js';

/** Rows of a batch: what is read is garbage soon, and should be little. */
const BATCH_ROWS = 1024;

/** The vectors of one side of a pair, read piece by piece. @param rows only the first of them */
export async function* vectors(folder: string, side: 'q' | 'g', rows = Number.POSITIVE_INFINITY): AsyncGenerator<EmbeddingBatch> {
  for await (const batch of readEmbeddings(`${folder}/${side}.npy`, { batchRows: BATCH_ROWS })) {
    const wanted = Math.min(batch.rows, rows - batch.firstRow);
    if (wanted > 0) yield wanted < batch.rows ? batch.slice(0, wanted) : batch;
    if (wanted < batch.rows) return;
  }
}

/** The vectors of one side with their labels and categories. */
export async function* labelled(folder: string, side: 'q' | 'g'): AsyncGenerator<EmbeddingBatch> {
  const column = (name: string) => makeVector(readNpy(`${folder}/${side}_${name}.npy`).data as Int32Array);
  const [label, category] = [column('labels'), column('categories')];
  for await (const batch of vectors(folder, side)) {
    const [first, end] = [batch.firstRow, batch.firstRow + batch.rows];
    yield EmbeddingBatch.fromMatrix(batch, { label: label.slice(first, end), category: category.slice(first, end) }, batch);
  }
}
