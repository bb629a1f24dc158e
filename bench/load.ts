import { makeVector } from 'apache-arrow';
import type { Columns } from '../src/data/columns.js';
import { EmbeddingBatch } from '../src/data/embedding-batch.js';
import { Gallery } from '../src/data/gallery.js';
import type { Matrix } from '../src/data/matrix.js';
import { openNpyReader, readNpy } from './npy.js';

const BATCH_ROWS = 1024;

/** The queries of a pair. @param rows only the first of them */
export function loadQueries(folder: string, rows?: number): Matrix {
  const { data, rows: count } = readNpy(`${folder}/q.npy`, rows);
  return { data: data as Float32Array, rows: count, dim: data.length / count };
}

/** The gallery of a pair; a process that calls this holds the vectors once. @param rows only the first of them */
export function loadGallery(folder: string, { rows, columns }: { rows?: number; columns?: Columns } = {}): Promise<Gallery> {
  return Gallery.load(galleryBatches(`${folder}/g.npy`, rows, columns));
}

/** Labels and categories of one side. */
export function labelColumns(folder: string, side: 'q' | 'g'): Columns {
  const column = (name: string) => makeVector(readNpy(`${folder}/${side}_${name}.npy`).data as Int32Array);
  return { label: column('labels'), category: column('categories') };
}

/** All batches are in the same memory, one after the other: what a reader leaves to the garbage collector would stand in the peak. */
function* galleryBatches(path: string, most = Number.POSITIVE_INFINITY, columns: Columns = {}): Generator<EmbeddingBatch> {
  const file = openNpyReader(path);
  const [rows, dim] = [Math.min(most, file.rows), file.width];
  const memory = new Float32Array(BATCH_ROWS * dim);
  for (let first = 0; first < rows; first += BATCH_ROWS) {
    const end = Math.min(rows, first + BATCH_ROWS);
    const data = memory.subarray(0, (end - first) * dim);
    file.read(first, data);
    const own = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.slice(first, end)]));
    yield EmbeddingBatch.fromMatrix({ data, rows: end - first, dim }, own, { source: path, firstRow: first });
  }
  file.close();
}
