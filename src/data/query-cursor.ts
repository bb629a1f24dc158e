import { textOf } from './columns.js';
import { EmbeddingBatch } from './embedding-batch.js';
import { UserError } from './errors.js';
import { RetrievalResults } from './retrieval-results.js';

/** Goes once through a stream of queries, along with the results that were found for them. */
export class QueryCursor {
  readonly #batches: AsyncIterator<EmbeddingBatch>;
  /** The batch that was read last. */
  #batch?: EmbeddingBatch;
  /** Rows before it and in it. */
  #read = 0;
  /** The row that was asked for last. */
  #row = -1;

  constructor(queries: AsyncIterable<EmbeddingBatch>) {
    this.#batches = queries[Symbol.asyncIterator]();
  }

  /**
   * The same results with their queries.
   * @throws UserError for rows that do not ascend, from one call to the next too, that the queries lack, or that have another id there
   */
  async attach(rr: RetrievalResults): Promise<RetrievalResults> {
    for (const row of rr.rows) this.#ascend(row);
    const parts: EmbeddingBatch[] = [];
    for (let q = 0; q < rr.length; ) {
      const batch = await this.#batchWith(rr.rows[q]);
      const start = this.#read - batch.rows;
      const from = q;
      while (q < rr.length && rr.rows[q] < this.#read) q++;
      const rows = Int32Array.from(rr.rows.subarray(from, q), (row) => row - start);
      checkIds(rr, from, batch, rows);
      const unbroken = rows[rows.length - 1] - rows[0] + 1 === rows.length;
      parts.push(unbroken ? batch.slice(rows[0], rows[0] + rows.length) : batch.take(rows, rr.rows[from]));
    }
    const queries =
      parts.length > 0 ? EmbeddingBatch.concat(parts) : EmbeddingBatch.fromMatrix({ data: new Float32Array(0), rows: 0, dim: 0 });
    return RetrievalResults.trusted({ ...rr, queries });
  }

  async close(): Promise<void> {
    await this.#batches.return?.();
  }

  #ascend(row: number): void {
    if (row <= this.#row) {
      throw new UserError(
        `query ${row} comes after query ${this.#row}: the results must be in the order of the queries to get their embeddings`,
      );
    }
    this.#row = row;
  }

  /** Reads on to the batch that has a row. */
  async #batchWith(row: number): Promise<EmbeddingBatch> {
    while (row >= this.#read) {
      const next = await this.#batches.next();
      if (next.done) {
        throw new UserError(`${this.#batch?.source ?? 'the queries'}: the results have query ${row}, but there are ${this.#read} queries`);
      }
      this.#batch = next.value;
      this.#read += next.value.rows;
    }
    return this.#batch as EmbeddingBatch;
  }
}

/** Where both know the ids of the queries, they must be the same. */
function checkIds(
  { queryIds, rows: queryRows }: RetrievalResults,
  first: number,
  { columns, source }: EmbeddingBatch,
  rows: Int32Array,
): void {
  const { id } = columns;
  if (!queryIds || !id) return;
  for (const [i, row] of rows.entries()) {
    const [found, wanted] = [textOf(id.get(row)), textOf(queryIds.get(first + i))];
    if (found !== wanted) {
      throw new UserError(
        `${source}: query ${queryRows[first + i]} has the id "${found}", but "${wanted}" in the results: these are other queries`,
      );
    }
  }
}
