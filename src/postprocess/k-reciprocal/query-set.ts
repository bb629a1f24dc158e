import { EmbeddingBatch } from '../../data/embedding-batch.js';
import { UserError } from '../../data/errors.js';
import { Gallery } from '../../data/gallery.js';
import type { RetrievalResults } from '../../data/retrieval-results.js';
import { shardMatrix } from '../../data/vector-store.js';
import type { Metric } from '../../metrics/metric.js';

/** A query as the first pass saw it. */
interface SeenQuery {
  /** Row in the query set. */
  readonly row: number;
  readonly vector: Float32Array;
  /** Gallery row of the same item, or -1. */
  readonly self: number;
  /** What its batch came from. */
  readonly source: string;
}

/** All queries of a run, in order of their rows, however they were batched. */
export interface QuerySet {
  /** The gallery, and below it the queries that are no items of it, in order of their rows. @throws UserError for another dimension */
  unionWith(gallery: Gallery): Promise<Gallery>;
  /** Where a query stands in that union. */
  rowOf(gallery: Gallery, row: number): number;
}

/** Collects the embeddings of the queries: 4 bytes a number. */
export const querySet: Metric<SeenQuery[], QuerySet> = {
  name: 'queries',
  init: () => [],
  update(state: SeenQuery[], { queries, rows }: RetrievalResults) {
    if (!queries) {
      throw new UserError('k-reciprocal needs the embeddings of the queries, which these results do not carry: put it behind the search');
    }
    const { dim, self, source } = queries;
    // One copy of the batch, of which each query has its part.
    const vectors = queries.data.slice(0, queries.rows * dim);
    for (let q = 0; q < rows.length; q++) {
      state.push({ row: rows[q], vector: vectors.subarray(q * dim, (q + 1) * dim), self: self?.[q] ?? -1, source });
    }
  },
  merge(into, other) {
    for (const query of other) into.push(query);
  },
  value(state) {
    const seen = state.toSorted((a, b) => a.row - b.row);
    const twice = seen.find(({ row }, i) => row === seen[i + 1]?.row);
    if (twice) throw new UserError(`k-reciprocal: two queries are row ${twice.row} of the query set; each row may come once`);
    const others = seen.filter(({ self }) => self < 0);
    const places = new Map(others.map(({ row }, i) => [row, i]));
    const selves = new Map(seen.filter(({ self }) => self >= 0).map(({ row, self }) => [row, self]));
    return {
      async unionWith(gallery) {
        if (others.length === 0) return gallery;
        const { source, dim } = gallery;
        const other = others.find(({ vector }) => vector.length !== dim);
        if (other) throw new UserError(`${other.source}: queries of dimension ${other.vector.length}, but a gallery of dimension ${dim}`);
        const shards = gallery.vectors.shards.map((shard) =>
          EmbeddingBatch.fromMatrix(shardMatrix(shard, dim), {}, { source, firstRow: 0 }),
        );
        return Gallery.load([...shards, stacked(others.map(({ vector }) => vector))]);
      },
      rowOf: (gallery, row) => selves.get(row) ?? gallery.size + (places.get(row) as number),
    };
  },
};

function stacked(vectors: readonly Float32Array[]): EmbeddingBatch {
  const dim = vectors[0].length;
  const data = new Float32Array(vectors.length * dim);
  for (const [i, vector] of vectors.entries()) data.set(vector, i * dim);
  return EmbeddingBatch.fromMatrix({ data, rows: vectors.length, dim });
}
