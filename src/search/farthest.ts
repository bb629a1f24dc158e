import { EmbeddingBatch } from '../data/embedding-batch.js';
import { Gallery } from '../data/gallery.js';
import type { Matrix } from '../data/matrix.js';
import { squaredNorm } from './canonical.js';
import { type ExactOptions, ExactSearcher } from './exact.js';
import { openRowDistances } from './row-distances.js';

/** Gallery rows that are lifted at one time. */
const ROWS = 1024;

/** What the squared farthest distance may lack, of itself. */
const TOLERANCE = 1e-6;

/**
 * For each query its canonical distance to the gallery row that is farthest from it; to a relative 1e-6 in the square, because the row is found in
 * float32. It takes one exact search for the first item:
 * - cosine: what is nearest to -q is farthest from q;
 * - l2: the same where the rows are equally long, or nearly so; else |x - q|^2 is greatest where 2 q x - |x|^2 is least, which is an `ip` search for
 *   (-2 q, 1) among the rows (x, |x|^2), in one dimension more, both moved to the mean of the gallery.
 * @param searcher of the gallery, with the distance `l2` or `cosine`
 */
export async function farthestDistances(
  searcher: ExactSearcher,
  gallery: Gallery,
  queries: Matrix,
  options: Pick<ExactOptions, 'device' | 'threads'> = {},
): Promise<Float32Array> {
  const { distance } = searcher;
  const { rows, dim } = queries;
  const farthest = new Float32Array(rows);
  const measure = openRowDistances(gallery.vectors, distance);
  const take = ({ ids }: { readonly ids: Int32Array }) => {
    for (let q = 0; q < rows; q++) {
      measure(queries.data.subarray(q * dim, (q + 1) * dim), ids.subarray(q, q + 1), farthest.subarray(q, q + 1));
    }
  };
  take(await searcher.search({ rows, dim, data: queries.data.map((value) => -value) }, 1));
  if (distance === 'cosine') return farthest;
  // The row that is nearest to -q has |x - q|^2 within twice the spread of the squared lengths of the greatest.
  const least = farthest.reduce((smallest, value) => Math.min(smallest, value), Number.POSITIVE_INFINITY);
  if (2 * lengthSpread(gallery) <= TOLERANCE * least * least) return farthest;
  const lift = liftOf(gallery);
  const lifted = await ExactSearcher.open(await Gallery.load(lift.rows()), { ...options, distance: 'ip' });
  try {
    take(await lifted.search(lift.queries(queries), 1));
  } finally {
    await lifted.close();
  }
  return farthest;
}

/** How much the squared lengths of the rows differ. */
function lengthSpread({ vectors, size }: Gallery): number {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (let row = 0; row < size; row++) {
    const length = squaredNorm(vectors.row(row));
    least = Math.min(least, length);
    most = Math.max(most, length);
  }
  return most - least;
}

/** Rows and queries in one dimension more, centred, and scaled so that no square leaves float32. */
function liftOf({ vectors, size, dim, source }: Gallery) {
  const mean = new Float64Array(dim);
  for (let row = 0; row < size; row++) {
    const x = vectors.row(row);
    for (let i = 0; i < dim; i++) mean[i] += x[i] / size;
  }
  let most = 0;
  for (let row = 0; row < size; row++) {
    const x = vectors.row(row);
    let length = 0;
    for (let i = 0; i < dim; i++) length += (x[i] - mean[i]) ** 2;
    most = Math.max(most, length);
  }
  const scale = most > 0 ? 1 / Math.sqrt(most) : 1;
  return {
    *rows() {
      for (let firstRow = 0; firstRow < size; firstRow += ROWS) {
        const rows = Math.min(ROWS, size - firstRow);
        const data = new Float32Array(rows * (dim + 1));
        for (let r = 0; r < rows; r++) {
          const x = vectors.row(firstRow + r);
          let length = 0;
          for (let i = 0; i < dim; i++) {
            const value = (x[i] - mean[i]) * scale;
            data[r * (dim + 1) + i] = value;
            length += value * value;
          }
          data[r * (dim + 1) + dim] = length;
        }
        yield EmbeddingBatch.fromMatrix({ data, rows, dim: dim + 1 }, {}, { source, firstRow });
      }
    },
    queries(queries: Matrix): Matrix {
      const data = new Float32Array(queries.rows * (dim + 1));
      for (let q = 0; q < queries.rows; q++) {
        for (let i = 0; i < dim; i++) data[q * (dim + 1) + i] = -2 * (queries.data[q * dim + i] - mean[i]) * scale;
        data[q * (dim + 1) + dim] = 1;
      }
      return { data, rows: queries.rows, dim: dim + 1 };
    },
  };
}
