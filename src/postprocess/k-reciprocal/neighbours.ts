import type { Gallery } from '../../data/gallery.js';
import { shardMatrix } from '../../data/vector-store.js';
import { type ExactOptions, ExactSearcher } from '../../search/exact.js';
import { farthestDistances } from '../../search/farthest.js';
import { openRowDistances } from '../../search/row-distances.js';

export type SearchHow = Pick<ExactOptions, 'device' | 'threads'>;

/** The nearest rows of every row of a set, and the distances of the paper. */
export interface Neighbours {
  readonly rows: number;
  /** Neighbours of each row, itself among them. */
  readonly width: number;
  /** Row-major [rows x width]: each row itself, then the nearest others in order of (float32 distance, row). */
  readonly ids: Int32Array;
  /** The distance of row i to others over that of i to the row farthest from it, both squared (l2); into the start of `out`. */
  relative(i: number, others: Int32Array, out: Float32Array): void;
}

/**
 * Searches a set in itself, exactly.
 * @param k neighbours of each row beside itself; fewer where the set is smaller
 * @param distance `cosine` is half a square by itself, and not squared
 */
export async function neighboursOf(set: Gallery, distance: 'l2' | 'cosine', k: number, how: SearchHow): Promise<Neighbours> {
  const { size: rows, dim, vectors } = set;
  const width = Math.min(k, rows - 1) + 1;
  const ids = new Int32Array(rows * width);
  const farthest = new Float32Array(rows);
  const searcher = await ExactSearcher.open(set, { ...how, distance });
  try {
    for (const shard of vectors.shards) {
      const queries = shardMatrix(shard, dim);
      const self = Int32Array.from({ length: shard.rows }, (_, r) => shard.firstRow + r);
      const [found, away] = await Promise.all([searcher.search(queries, k, { self }), farthestDistances(searcher, set, queries, how)]);
      for (let r = 0; r < shard.rows; r++) {
        ids[self[r] * width] = self[r];
        ids.set(found.ids.subarray(found.offsets[r], found.offsets[r + 1]), self[r] * width + 1);
      }
      farthest.set(away, shard.firstRow);
    }
  } finally {
    await searcher.close();
  }
  const measure = openRowDistances(vectors, distance);
  return {
    rows,
    width,
    ids,
    relative(i, others, out) {
      measure(vectors.row(i), others, out);
      const most = farthest[i];
      for (let o = 0; o < others.length; o++) {
        // Where all vectors are the same, none is far.
        const share = most > 0 ? out[o] / most : 0;
        out[o] = distance === 'l2' ? share * share : share;
      }
    },
  };
}
