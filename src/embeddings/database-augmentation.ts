import { shardMatrix, VectorStore } from '../data/vector-store.js';
import { checkNeighbours } from './alpha-query-expansion.js';
import type { EmbeddingTransform } from './transform.js';
import { movedTowards, similarityWeight } from './weighted-sum.js';

export interface AugmentationOptions {
  /** Neighbours of each item; 0 for none. */
  readonly n: number;
  /** With it the weights are those of alpha query expansion, max(0, cos)^alpha, in place of those by rank. */
  readonly alpha?: number;
}

/**
 * Database-side augmentation: each gallery item is moved towards its neighbours in the gallery, once, before any query comes.
 *
 *     x' = |x| normalise(sum over r = 0 ... n of (n - r) / n x_r / |x_r|),  x_0 = x, x_r its r-th nearest
 *
 * so that the n-th neighbour is the first that weighs nothing. It costs a search of the gallery in itself, and the vectors once more. Where the queries are
 * part of the gallery (all against all) they take part in moving what they look for, which no query from outside can: the metrics then flatter.
 * @throws UserError when n is not a whole number, or alpha is negative
 * @see R. Arandjelovic, A. Zisserman, "Three things everyone should know to improve object retrieval", CVPR 2012, section 5; the weights: A. Gordo,
 * J. Almazan, J. Revaud, D. Larlus, "End-to-end Learning of Deep Visual Representations for Image Retrieval", IJCV 124, 2017, section 5.3
 */
export function databaseAugmentation({ n, alpha }: AugmentationOptions): EmbeddingTransform {
  const name = 'database-augmentation';
  checkNeighbours(name, n, alpha);
  const weight = alpha === undefined ? (rank: number) => (n - rank) / n : similarityWeight(alpha);
  const neighbours = alpha === undefined ? n - 1 : n;
  return {
    name,
    params: alpha === undefined ? { n } : { n, alpha },
    async fit(gallery, openSearcher) {
      const unchanged = { queries: <T>(batch: T) => batch, close: async () => {} };
      if (neighbours < 1) return { ...unchanged, gallery };
      const { dim } = gallery;
      const vectors = new VectorStore(dim);
      const searcher = await openSearcher(gallery);
      try {
        for (const shard of gallery.vectors.shards) {
          const all = shardMatrix(shard, dim);
          for (let first = 0; first < shard.rows; first += BLOCK_ROWS) {
            const rows = Math.min(BLOCK_ROWS, shard.rows - first);
            const block = { data: all.data.subarray(first * dim, (first + rows) * dim), rows, dim };
            const self = Int32Array.from({ length: rows }, (_, r) => shard.firstRow + first + r);
            const { ids, offsets } = await searcher.search(block, neighbours, { self });
            const data = new Float32Array(rows * dim);
            for (let r = 0; r < rows; r++) {
              const [from, to] = [r * dim, (r + 1) * dim];
              const nearest = ids.subarray(offsets[r], offsets[r + 1]);
              movedTowards(block.data.subarray(from, to), nearest, gallery.vectors, weight, data.subarray(from, to));
            }
            vectors.append({ data, rows, dim });
          }
        }
      } finally {
        await searcher.close();
      }
      return { ...unchanged, gallery: gallery.withVectors(vectors) };
    },
  };
}

/** Rows that are searched at one time. */
const BLOCK_ROWS = 4096;
