import { defer, finalize, type OperatorFunction } from 'rxjs';
import type { EmbeddingBatch } from '../src/data/embedding-batch.js';
import { QueryCursor } from '../src/data/query-cursor.js';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { named, stage } from './stage.js';

/**
 * RR -> the same RR with its query batch (`rr.queries`), which is never saved: for steps that need vectors, or other columns, of the queries behind
 * a two-pass step, or on results from a file. The queries are read along with the results, a batch at a time; results that carry theirs pass as they are,
 * and where all do, the queries are not opened.
 * @param queries all queries in the order of their rows, as they were searched
 * @throws UserError in the stream: rows that do not ascend, that the queries lack, or that have another id there
 * @example pump(readRetrieval('rr.arrow'), {}, attachQueries(readEmbeddings('q.parquet')), postprocess(rerank(model, { topN: 10 }), { gallery }))
 */
export function attachQueries(queries: AsyncIterable<EmbeddingBatch>): OperatorFunction<RetrievalResults, RetrievalResults> {
  return named('attachQueries', (results) =>
    defer(() => {
      const cursor = new QueryCursor(queries);
      let last: Promise<unknown> = Promise.resolve();
      return results.pipe(
        stage('attachQueries', (rr) => {
          if (rr.queries) return rr;
          // Stages start their work at once; the queries are read once, in their order.
          const attached = last.then(() => cursor.attach(rr));
          last = attached;
          return attached;
        }),
        finalize(() => {
          last
            .catch(() => {})
            .then(() => cursor.close())
            .catch(() => {});
        }),
      );
    }),
  );
}
