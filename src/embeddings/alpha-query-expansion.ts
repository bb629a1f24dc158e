import { UserError } from '../data/errors.js';
import { ignoredOf } from '../search/retrieve.js';
import type { EmbeddingTransform } from './transform.js';
import { movedTowards, similarityWeight } from './weighted-sum.js';

export interface ExpansionOptions {
  /** Neighbours that are added to the query; 0 for none. */
  readonly n: number;
  /** Exponent of the similarity; 0 is average query expansion. Default 3. */
  readonly alpha?: number;
}

/**
 * Alpha query expansion: a query is moved towards its n nearest gallery items, the more the more similar they are.
 *
 *     q' = |q| normalise(q / |q| + sum over the n nearest x of max(0, cos(q, x))^alpha x / |x|)
 *
 * For normalised embeddings, as in the paper, q' is normalised; else it keeps its length. What a query may not retrieve (itself, its sequence) does not
 * expand it either. It costs a search of n items for each query, and a searcher of the gallery beside the one of the results.
 * @throws UserError when n is not a whole number, or alpha is negative
 * @see F. Radenovic, G. Tolias, O. Chum, "Fine-tuning CNN Image Retrieval with No Human Annotation", TPAMI 41(7), 2018, section 3.3; with alpha = 0:
 * O. Chum et al., "Total Recall", ICCV 2007
 */
export function alphaQueryExpansion({ n, alpha = 3 }: ExpansionOptions): EmbeddingTransform {
  const name = 'alpha-query-expansion';
  checkNeighbours(name, n, alpha);
  return {
    name,
    params: { n, alpha },
    async fit(gallery, openSearcher) {
      if (n === 0) return { gallery, queries: (batch) => batch, close: async () => {} };
      const searcher = await openSearcher(gallery);
      return {
        gallery,
        async queries(batch) {
          const { rows, dim } = batch;
          const { ids, offsets } = await searcher.search(batch, n, ignoredOf(gallery, batch));
          const data = new Float32Array(rows * dim);
          for (let q = 0; q < rows; q++) {
            const [from, to] = [q * dim, (q + 1) * dim];
            const nearest = ids.subarray(offsets[q], offsets[q + 1]);
            movedTowards(batch.data.subarray(from, to), nearest, gallery.vectors, similarityWeight(alpha), data.subarray(from, to));
          }
          return batch.withVectors({ data, rows, dim });
        },
        close: () => searcher.close(),
      };
    },
  };
}

/** @throws UserError */
export function checkNeighbours(name: string, n: number, alpha = 0): void {
  if (!Number.isInteger(n) || n < 0) throw new UserError(`${name}: n must be a whole number, not ${n}`);
  if (!(alpha >= 0 && Number.isFinite(alpha))) throw new UserError(`${name}: alpha must be a number of at least 0, not ${alpha}`);
}
