import { UserError } from '../../data/errors.js';
import type { Documents } from '../../data/id-table.js';
import type { RetrievalResults } from '../../data/retrieval-results.js';
import { jointDocuments } from './joint-documents.js';
import { judgedBatches } from './judged-batch.js';
import type { Qrels } from './qrels.js';
import type { Run } from './run.js';

export interface RunResultsOptions {
  /** The most documents of a query to look at, after sorting (trec_eval's -M); by default all. */
  readonly depth?: number;
  /**
   * Queries of the qrels that are not in the run come with nothing retrieved (trec_eval's -c), all of them or those of whose id (UTF-8) it is true; by
   * default they are left out.
   */
  readonly complete?: boolean | ((query: Uint8Array) => boolean);
  /** Queries in a batch (default 4096). */
  readonly batchRows?: number;
}

/** A run judged by qrels, as a stream of batches; it can be iterated again. */
export interface RunResults extends AsyncIterable<RetrievalResults> {
  readonly runId: string;
  /** The ids of `rr.ids` and `rr.relevant`: the documents of the run in order of appearance, then those that only the qrels know. */
  readonly documents: Documents & { readonly size: number };
  /** Number of queries that come. */
  readonly queries: number;
  /** Queries of the run that are not in the qrels: they are left out. */
  readonly unjudged: number;
  /** Queries of the qrels that are not in the run. */
  readonly missing: number;
  /** What of the above a user should be told. */
  readonly warnings: readonly string[];
}

/**
 * Retrieval results of a run judged by qrels, in trec_eval's order: queries by their ids bytewise ascending (as `strcmp`), with `complete` the missing
 * ones in their places; documents by score descending in float32, then by id bytewise descending, whatever the rank column says.
 *
 * `distances` are the negated scores (`info.distance` is `score`), `gains` are aligned with them (NaN: unjudged), `relevant` and `relevantGains` are
 * all judged documents of the query by id ascending, also those that were judged not relevant (gain below 1), `numRelevant` counts gains of 1 and above.
 * @throws UserError when no query of the run is in the qrels
 */
export function readRunResults(run: Run, qrels: Qrels, options: RunResultsOptions = {}): RunResults {
  const { depth = Number.POSITIVE_INFINITY, complete = false, batchRows = 4096 } = options;
  // For each judged query, by id, its row in the run; -1: missing.
  const judged = qrels.queries.sorted();
  const inRun = judged.map((row) => run.queries.find(qrels.queries.bytes(row)));
  const found = inRun.reduce((count, row) => count + (row < 0 ? 0 : 1), 0);
  if (found === 0) {
    throw new UserError(
      `${run.source}: none of its queries ("${run.queries.id(0)}", ...) is in ${qrels.source} ("${qrels.queries.id(0)}", ...)`,
    );
  }
  const unjudged = run.queries.size - found;
  const missing = judged.length - found;
  const isAsked = typeof complete === 'function' ? complete : () => complete;
  const keep = judged.map((_, i) => i).filter((i) => inRun[i] >= 0 || isAsked(qrels.queries.bytes(judged[i])));
  const documents = jointDocuments(run, qrels);
  const batch = judgedBatches(run, qrels, documents.ofQrels, depth);
  return {
    runId: run.runId,
    documents,
    queries: keep.length,
    unjudged,
    missing,
    warnings: warningsOf(run, qrels, unjudged, complete ? 0 : missing),
    async *[Symbol.asyncIterator]() {
      for (let start = 0; start < keep.length; start += batchRows) {
        const part = keep.subarray(start, start + batchRows);
        yield batch(
          start,
          part.map((i) => judged[i]),
          part.map((i) => inRun[i]),
        );
      }
    },
  };
}

function warningsOf(run: Run, qrels: Qrels, unjudged: number, missing: number): string[] {
  const count = (n: number) => `${n} ${n === 1 ? 'query' : 'queries'}`;
  const warnings: string[] = [];
  if (unjudged > 0) warnings.push(`${count(unjudged)} of ${run.source} left out, because not in ${qrels.source}`);
  if (missing > 0)
    warnings.push(`${count(missing)} of ${qrels.source} left out, because not in ${run.source} (--complete counts them as empty)`);
  return warnings;
}
