import { UserError } from '../data/errors.js';
import type { Distance } from '../data/matrix.js';
import type { Shard } from '../data/vector-store.js';
import { squaredNorm } from './canonical.js';
import { KERNEL_ROWS, type Kernel, openKernel } from './kernel.js';

/** Canonical distances from one query to rows of one shard. */
export interface ShardScorer {
  /** Norm of every row. */
  readonly norms: Float64Array;
  /** Sets the query, float32[dim]. */
  query(vector: Float32Array): void;
  /** Float32 distances of `count` rows (at most KERNEL_ROWS), rows relative to the shard, taken from `rows` at `from`. */
  distances(rows: Int32Array, from: number, count: number): Float32Array;
}

/** A scorer for a shard. The norms of all rows are computed here, once (8 bytes a row). */
export function openScorer(shard: Shard, dim: number, distance: Distance): ShardScorer {
  const kernel = openKernel(shard, dim);
  const out = new Float32Array(KERNEL_ROWS);
  const norms = rowNorms(kernel, shard.rows);
  let queryNorm = 1;
  return {
    norms,
    query(vector) {
      kernel.query.set(vector);
      if (distance !== 'cosine') return;
      queryNorm = Math.sqrt(squaredNorm(vector));
      if (queryNorm > 0) for (let i = 0; i < dim; i++) kernel.query[i] /= queryNorm;
    },
    distances(rows, from, count) {
      for (let i = 0; i < count; i++) kernel.ids[i] = rows[from + i];
      const { sums } = kernel;
      if (distance === 'l2') {
        kernel.score('squares', count);
        for (let i = 0; i < count; i++) out[i] = Math.sqrt(sums[i]);
      } else if (distance === 'ip') {
        kernel.score('products', count);
        // Adding 0 turns -0 into +0.
        for (let i = 0; i < count; i++) out[i] = Math.fround(-sums[i]) + 0;
      } else {
        for (let i = 0; i < count; i++) kernel.norms[i] = norms[kernel.ids[i]] || 1;
        kernel.score('unitSquares', count);
        for (let i = 0; i < count; i++) out[i] = queryNorm === 0 || norms[kernel.ids[i]] === 0 ? 1 : 0.5 * sums[i];
      }
      return out;
    },
  };
}

/** The error of a distance that float32 cannot hold. */
export function overflow(distance: Distance, query: number, row: number): UserError {
  return new UserError(
    `query ${query} and gallery row ${row}: their ${distance} distance is beyond float32 (3.4e38); scale the embeddings down, or normalise them`,
  );
}

function rowNorms(kernel: Kernel, rows: number): Float64Array {
  const norms = new Float64Array(rows);
  for (let first = 0; first < rows; first += KERNEL_ROWS) {
    const count = Math.min(KERNEL_ROWS, rows - first);
    kernel.squaredNorms(first, count);
    for (let i = 0; i < count; i++) norms[first + i] = Math.sqrt(kernel.sums[i]);
  }
  return norms;
}
