import type { Distance } from '../data/matrix.js';
import type { VectorStore } from '../data/vector-store.js';
import { KERNEL_ROWS } from './kernel.js';
import { openScorer } from './scoring.js';

/** Canonical float32 distances from one vector to some rows, into the start of `out`. */
export type RowDistances = (vector: Float32Array, rows: Int32Array, out: Float32Array) => void;

/** Compares vectors with chosen rows of a store, in this thread. The rows stay where they are; 8 bytes a row are taken for their norms. */
export function openRowDistances(vectors: VectorStore, distance: Distance): RowDistances {
  const shards = vectors.shards.map((shard) => ({ shard, scorer: openScorer(shard, vectors.dim, distance) }));
  const chosen = new Int32Array(KERNEL_ROWS);
  const positions = new Int32Array(KERNEL_ROWS);
  return (vector, rows, out) => {
    for (const { shard, scorer } of shards) {
      let count = 0;
      const score = () => {
        const found = scorer.distances(chosen, 0, count);
        for (let i = 0; i < count; i++) out[positions[i]] = found[i];
        count = 0;
      };
      scorer.query(vector);
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i] - shard.firstRow;
        if (row < 0 || row >= shard.rows) continue;
        chosen[count] = row;
        positions[count++] = i;
        if (count === KERNEL_ROWS) score();
      }
      if (count > 0) score();
    }
  };
}
