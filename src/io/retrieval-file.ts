import { retrievalFromArrow, retrievalToArrow } from '../data/retrieval-arrow.js';
import { RetrievalResults } from '../data/retrieval-results.js';
import { readTable } from './open.js';
import type { RecordBatchSource } from './source.js';
import { createWriter } from './write.js';

/**
 * Reads saved retrieval results, batch by batch; re-iterable, except stdin (`-`). Batches of Arrow files come as they were written; with `batchRows`,
 * as those of other formats, they have at most so many queries. A file without queries gives one empty batch.
 * @throws UserError for an unknown ending; iterating throws what `readTable` and `retrievalFromArrow` do
 */
export function readRetrieval(path: string, options: { batchRows?: number } = {}): AsyncIterable<RetrievalResults> {
  return retrievalOf(readTable(path, { batchRows: options.batchRows ?? Number.POSITIVE_INFINITY }));
}

/** The retrieval results in a table that is open. Iterating throws what the table and `retrievalFromArrow` do. */
export function retrievalOf(table: RecordBatchSource): AsyncIterable<RetrievalResults> {
  return {
    async *[Symbol.asyncIterator]() {
      let firstRow = 0;
      for await (const batch of table) {
        const rr = retrievalFromArrow(batch, { source: table.source, firstRow });
        firstRow += rr.length;
        yield rr;
      }
    },
  };
}

/** Writes retrieval results one batch after the other. Either `close` or `abort` ends it. */
export interface RetrievalWriter {
  /** @throws UserError when the batch knows other things than the first (another gallery, other columns), or the disk is full */
  write(rr: RetrievalResults): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

/**
 * A writer by the end of the name, as `createWriter`. When no batch comes, the file holds no queries.
 * An Arrow list column holds at most 2^31 - 1 items in a batch, and so does a RetrievalResults: one never has to be split.
 * @throws UserError for an unknown ending
 */
export function createRetrievalWriter(path: string): RetrievalWriter {
  const writer = createWriter(path, { schema: retrievalToArrow(RetrievalResults.fromLists({ retrieved: [], distances: [] })).schema });
  return {
    write: (rr) => writer.write(retrievalToArrow(rr)),
    close: () => writer.close(),
    abort: () => writer.abort(),
  };
}
