import { UserError } from '../data/errors.js';
import { RetrievalResults } from '../data/retrieval-results.js';

/**
 * Reads from a stream of results those of given queries, batch by batch: a join of two streams. It is read once where both have their queries in the
 * same order, and again from its start for a batch that has not.
 */
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
   * The results of the queries of `rr` (the same ids, or rows where one side has no ids), in their order; others are passed over.
   * @throws UserError for a query that is not there
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
    if (ahead) return ahead;
    await this.#rewind();
    return this.#anywhere(rr);
  }

  /** Looks for the queries in their order, from where the last ones were. */
  async #ahead(rr: RetrievalResults): Promise<RetrievalResults | undefined> {
    const parts: RetrievalResults[] = [];
    let positions: number[] = [];
    const endBatch = () => {
      if (positions.length > 0) parts.push((this.#batch as RetrievalResults).pick(positions));
      positions = [];
    };
    for (let q = 0; q < rr.length; ) {
      if (!this.#batch || this.#at === this.#batch.length) {
        endBatch();
        if (!(await this.#next())) return undefined;
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

  /** Looks for the queries in any order, from the start. */
  async #anywhere(rr: RetrievalResults): Promise<RetrievalResults> {
    const byRow = new Map(Array.from(rr.rows, (row, q) => [row, q]));
    const byId = new Map(Array.from(rr.queryIds ?? [], (id, q) => [id, q]));
    const parts: RetrievalResults[] = [];
    /** Where each query stands in the parts. */
    const places = new Map<number, number>();
    while (places.size < rr.length && (await this.#next())) {
      const batch = this.#batch as RetrievalResults;
      const positions: number[] = [];
      for (; this.#at < batch.length && places.size < rr.length; this.#at++) {
        const q = rr.queryIds && batch.queryIds ? byId.get(batch.queryIds.get(this.#at)) : byRow.get(batch.rows[this.#at]);
        if (q === undefined || places.has(q)) continue;
        places.set(q, places.size);
        positions.push(this.#at);
      }
      if (positions.length > 0) parts.push(batch.pick(positions));
    }
    const missing = rr.rows.findIndex((_, q) => !places.has(q));
    if (missing >= 0) {
      const id = rr.queryIds ? ` ("${rr.queryIds.get(missing)}")` : '';
      throw new UserError(`${this.#name}: query ${rr.rows[missing]}${id} is not there; make both results of the same queries`);
    }
    return RetrievalResults.concat(parts).pick(Array.from(rr.rows, (_, q) => places.get(q) as number));
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
