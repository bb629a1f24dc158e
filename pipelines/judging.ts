import { judge, type Stage } from '../operators/index.js';
import type { EmbeddingBatch } from '../src/data/embedding-batch.js';
import { UserError } from '../src/data/errors.js';
import type { GalleryItems } from '../src/data/gallery-items.js';
import { qrelsRelevance } from '../src/data/qrels-relevance.js';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { readQrels } from '../src/io/trec/qrels.js';

/** Relevance from qrels in the chain of a search. */
export interface Judging {
  /** The queries that are judged. */
  readonly queries: AsyncIterable<EmbeddingBatch>;
  /** Judges what the search found. */
  readonly stage: Stage<RetrievalResults, RetrievalResults>;
  /** What was left out; known when the queries have been read. */
  warnings(): string[];
}

/**
 * Judges a search by the qrels of a file, which call queries and gallery items by their ids.
 * @throws UserError as `readQrels` and `qrelsRelevance`, and, in the queries, when none of them is judged
 */
export async function openJudging(file: string, gallery: GalleryItems, queries: AsyncIterable<EmbeddingBatch>): Promise<Judging> {
  const qrels = await readQrels(file);
  const relevance = qrelsRelevance(gallery, qrels);
  const counted = { seen: 0, judged: 0 };
  async function* judgedQueries() {
    let [seen, judged] = [0, 0];
    let source = file;
    for await (const batch of queries) {
      source = batch.source;
      seen += batch.rows;
      const some = relevance.judgedQueries(batch, judged);
      judged += some.rows;
      if (some.rows > 0) yield some;
    }
    // They may be read more than once, and then not to the end.
    Object.assign(counted, { seen, judged });
    if (judged === 0) throw new UserError(`${source}: none of its queries is in ${file} ("${qrels.queries.id(0)}", ...)`);
  }
  return {
    queries: { [Symbol.asyncIterator]: judgedQueries },
    stage: judge(relevance.of),
    warnings() {
      const { seen, judged } = counted;
      const counts: [string, number][] = [
        [`queries left out, because not in ${file}`, seen - judged],
        [`queries of ${file} that are not among those searched`, qrels.queries.size - judged],
        [`judged documents of ${file} that the gallery lacks, and that count as nothing`, relevance.absent],
      ];
      return counts.filter(([, count]) => count > 0).map(([what, count]) => `${what}: ${count}`);
    },
  };
}
