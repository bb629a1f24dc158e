import { takeRows } from '../src/data/columns.js';
import { EmbeddingBatch } from '../src/data/embedding-batch.js';
import { UserError } from '../src/data/errors.js';
import { RetrievalResults } from '../src/data/retrieval-results.js';
import { pump } from './pump.js';
import type { Stage } from './stage.js';

/**
 * Larger batches of the same rows: joins consecutive batches while they have at most `rows` rows together, and cuts one that has more by itself. It
 * changes the number of batches, so that it stands before a pump, not in it: with a gallery that is streamed in blocks, one batch of the pump is then
 * one block of resident queries.
 * @param joined is told the sizes of the batches in each one that is given
 * @example pump(rebatch(readEmbeddings('q.parquet'), plan.queryRows), { inFlight: 1 }, search(gallery, { searcher }))
 * @throws UserError when `rows` is not a positive integer
 */
export async function* rebatch(
  source: AsyncIterable<EmbeddingBatch> | Iterable<EmbeddingBatch>,
  rows: number,
  joined: (sizes: readonly number[]) => void = () => {},
): AsyncGenerator<EmbeddingBatch, void, undefined> {
  if (!Number.isInteger(rows) || rows < 1) throw new UserError(`rows of a batch must be a positive integer, not ${rows}`);
  let waiting: EmbeddingBatch[] = [];
  let count = 0;
  const together = () => {
    joined(waiting.map((part) => part.rows));
    const batch = EmbeddingBatch.concat(waiting);
    [waiting, count] = [[], 0];
    return batch;
  };
  for await (const batch of source) {
    for (const part of atMost(batch, rows)) {
      if (waiting.length > 0 && count + part.rows > rows) yield together();
      waiting.push(part);
      count += part.rows;
    }
  }
  if (waiting.length > 0) yield together();
}

function* atMost(batch: EmbeddingBatch, rows: number): Generator<EmbeddingBatch> {
  if (batch.rows <= rows) yield batch;
  else for (let start = 0; start < batch.rows; start += rows) yield batch.slice(start, Math.min(batch.rows, start + rows));
}

export interface InBlocksOptions {
  /** Queries of a block. */
  readonly rows: number;
  readonly signal?: AbortSignal;
}

/**
 * The results of a search that wants many queries at a time, in the batches of the source (those of more than `rows` queries are cut): what comes
 * after the search, files included, is the same as if each batch had been searched by itself. One block is in memory, with the results of the one
 * before while they are taken. Iterable as often as the source.
 * @example pump(inQueryBlocks(queries, search(gallery, { searcher }), { rows: plan.queryRows }), {}, evaluate([cmc(1)]))
 */
export function inQueryBlocks(
  source: AsyncIterable<EmbeddingBatch> | Iterable<EmbeddingBatch>,
  search: Stage<EmbeddingBatch, RetrievalResults>,
  { rows, signal }: InBlocksOptions,
): AsyncIterable<RetrievalResults> {
  return {
    async *[Symbol.asyncIterator]() {
      const sizes: (readonly number[])[] = [];
      const blocks = rebatch(source, rows, (parts) => sizes.push(parts));
      // A block takes as long as the gallery is large: that is no standstill.
      for await (const rr of pump(blocks, { inFlight: 1, signal, stallAfter: Number.POSITIVE_INFINITY }, search)) {
        let start = 0;
        for (const size of sizes.shift() ?? []) {
          start += size;
          yield size === rr.length ? rr : cutOut(rr, start - size, start);
        }
      }
    },
  };
}

/**
 * Queries [start, end) as if they had been searched alone. A column in one piece was made for the whole block: its rows are copied, because a slice
 * would carry bits of its neighbours into files.
 */
function cutOut(rr: RetrievalResults, start: number, end: number): RetrievalResults {
  const rows = Int32Array.from({ length: end - start }, (_, i) => start + i);
  const columns = Object.entries(rr.columns).map(([name, column]) => [
    name,
    column.data.length === 1 ? takeRows(column, rows) : column.slice(start, end),
  ]);
  return RetrievalResults.trusted({ ...rr.slice(start, end), columns: Object.fromEntries(columns) });
}
