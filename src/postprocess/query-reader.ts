import { UserError } from '../data/errors.js';
import { RetrievalResults } from '../data/retrieval-results.js';

/** Reads from a stream of results those of given queries, batch by batch: a join of two streams that have their queries in the same order. */
export class QueryReader {
  readonly #source: AsyncIterable<RetrievalResults>;
  readonly #name: string;
  #batches: AsyncIterator<RetrievalResults> | undefined;
  #batch: RetrievalResults | undefined;
  #at = 0;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param name of the source, for messages */
  constructor(source: AsyncIterable<RetrievalResults>, name: string) {
    this.#source = source;
    this.#name = name;
  }

  /**
   * The results of the queries of `rr` (the same ids, or rows where one side has no ids), in their order. Queries between them are passed over; when
   * one is not found ahead, the source is read again from its start.
   * @throws UserError when it is not found there either
   */
  take(rr: RetrievalResults): Promise<RetrievalResults> {
    // One after the other, in the order of the calls.
    const taken = this.#turn.then(() => this.#take(rr));
    this.#turn = taken.catch(() => {});
    return taken;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#rewind();
  }

  async #take(rr: RetrievalResults): Promise<RetrievalResults> {
    const ahead = await this.#ahead(rr);
    if (ahead instanceof RetrievalResults) return ahead;
    await this.#rewind();
    const found = await this.#ahead(rr);
    if (found instanceof RetrievalResults) return found;
    const id = rr.queryIds ? ` ("${rr.queryIds.get(found)}")` : '';
    throw new UserError(
      `${this.#name}: query ${rr.rows[found]}${id} is not there, or not in the place that the order of the queries gives it; make both results of the same queries`,
    );
  }

  /** @returns the first position that was not found before the end */
  async #ahead(rr: RetrievalResults): Promise<RetrievalResults | number> {
    const parts: RetrievalResults[] = [];
    let positions: number[] = [];
    const endBatch = () => {
      if (positions.length > 0) parts.push((this.#batch as RetrievalResults).pick(positions));
      positions = [];
    };
    for (let q = 0; q < rr.length; ) {
      if (!this.#batch || this.#at === this.#batch.length) {
        endBatch();
        if (!(await this.#next())) return q;
      } else {
        if (isSame(rr, q, this.#batch, this.#at)) {
          positions.push(this.#at);
          q++;
        }
        this.#at++;
      }
    }
    endBatch();
    return RetrievalResults.concat(parts);
  }

  async #next(): Promise<boolean> {
    this.#batches ??= this.#source[Symbol.asyncIterator]();
    const { done, value } = await this.#batches.next();
    if (done) return false;
    this.#batch = value;
    this.#at = 0;
    return true;
  }

  async #rewind(): Promise<void> {
    await this.#batches?.return?.();
    this.#batches = undefined;
    this.#batch = undefined;
  }
}

function isSame(a: RetrievalResults, i: number, b: RetrievalResults, j: number): boolean {
  return a.queryIds && b.queryIds ? a.queryIds.get(i) === b.queryIds.get(j) : a.rows[i] === b.rows[j];
}
