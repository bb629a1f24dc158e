import type { EmbeddingBatch } from '../src/data/embedding-batch.js';
import type { Relevance } from '../src/data/relevance.js';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { stage } from './stage.js';

/**
 * RR -> the same RR with other relevance, for results that still carry their queries (those of a search).
 * @example pump(queries, {}, search(gallery), judge(qrelsRelevance(gallery, await readQrels('qrels.txt')).of))
 */
export function judge(relevanceOf: (queries: EmbeddingBatch) => Relevance) {
  return stage('judge', (rr: RetrievalResults) => {
    if (!rr.queries) throw new Error('judge needs results that carry their queries; put it behind the search');
    return rr.judged(relevanceOf(rr.queries));
  });
}
