import { UserError } from '../src/data/errors.js';
import type { RetrievalResults } from '../src/data/retrieval-results.js';

type Source = AsyncIterable<RetrievalResults>;

/**
 * Several retrievals of the same queries side by side: batches of one source each, cut so that all of them have as many queries, in the order of the
 * sources. Iterable as often as they are; memory is one batch of each.
 * @throws UserError while iterating, when one source ends before another. That the queries are the same is for who uses them to check.
 */
export function zip(sources: readonly Source[]): AsyncIterable<readonly RetrievalResults[]> {
  if (sources.length === 0) throw new UserError('there is nothing to fuse: give at least one retrieval');
  return {
    async *[Symbol.asyncIterator]() {
      const heads = sources.map((source) => new Head(source[Symbol.asyncIterator]()));
      let queries = 0;
      try {
        for (;;) {
          const left = await Promise.all(heads.map((head) => head.fill()));
          const count = Math.min(...left);
          if (count === 0) {
            const longer = left.findIndex((rows) => rows > 0);
            if (longer < 0) return;
            const ended = left.indexOf(0);
            throw new UserError(
              `retrieval ${ended + 1} ends after ${queries} queries, but ${longer + 1} goes on; give the same queries to all`,
            );
          }
          yield heads.map((head) => head.take(count));
          queries += count;
        }
      } finally {
        await Promise.all(heads.map((head) => head.close()));
      }
    },
  };
}

/** A source of which any number of queries can be taken. */
class Head {
  #batch: RetrievalResults | undefined;
  #at = 0;

  constructor(private readonly iterator: AsyncIterator<RetrievalResults>) {}

  /** @returns how many queries can be taken; 0 at the end */
  async fill(): Promise<number> {
    while (!this.#batch || this.#at === this.#batch.length) {
      const next = await this.iterator.next();
      if (next.done) return 0;
      this.#batch = next.value;
      this.#at = 0;
    }
    return this.#batch.length - this.#at;
  }

  take(count: number): RetrievalResults {
    this.#at += count;
    return (this.#batch as RetrievalResults).slice(this.#at - count, this.#at);
  }

  async close(): Promise<void> {
    await this.iterator.return?.();
  }
}
