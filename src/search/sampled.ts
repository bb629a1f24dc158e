import { packLists } from '../data/lists.js';
import { randomOf } from '../data/random.js';
import { recallOf } from './recall.js';
import type { Ignored, Searcher, TopK } from './searcher.js';

/** How near an engine that is not exact comes to the truth. */
export interface MeasuredRecall {
  /** Mean share of the true items that were found, see `recallOf`. */
  readonly recall: number;
  /** Queries that it was measured on. */
  readonly queries: number;
}

export interface SampledSearcher extends Searcher {
  /**
   * Searches the sample again, once all searches have been answered.
   * @param truth an exact searcher of the same gallery and distance
   * @returns undefined before the first query
   */
  recall(truth: Searcher): Promise<MeasuredRecall | undefined>;
}

interface Seen {
  readonly vector: Float32Array;
  readonly self: number;
  readonly sequence: number;
  readonly k: number;
  ids: Int32Array;
}

/**
 * The same searcher, which keeps a uniform sample of its queries and of what it answered: reservoir sampling (Vitter, ACM TOMS 11(1), 1985, algorithm R),
 * so that it does not depend on how the queries are cut into batches.
 * @param most queries in the sample @param seed of the choice
 */
export function sampled(searcher: Searcher, most = 1000, seed = 1): SampledSearcher {
  const sample: Seen[] = [];
  const random = randomOf(seed);
  let count = 0;
  return {
    size: searcher.size,
    dimension: searcher.dimension,
    distance: searcher.distance,
    device: searcher.device,
    exact: searcher.exact,
    async search(queries, k, ignored = {}) {
      const kept: [number, Seen][] = [];
      for (let q = 0; q < queries.rows; q++) {
        const place = count < most ? count : Math.floor(random() * (count + 1));
        count++;
        if (place >= most) continue;
        const vector = queries.data.slice(q * queries.dim, (q + 1) * queries.dim);
        const seen = { vector, self: ignored.self?.[q] ?? -1, sequence: ignored.sequence?.[q] ?? -1, k, ids: new Int32Array(0) };
        sample[place] = seen;
        kept.push([q, seen]);
      }
      const found = await searcher.search(queries, k, ignored);
      for (const [q, seen] of kept) seen.ids = found.ids.slice(found.offsets[q], found.offsets[q + 1]);
      return found;
    },
    async recall(truth) {
      if (sample.length === 0) return undefined;
      const dim = searcher.dimension;
      const data = new Float32Array(sample.length * dim);
      for (const [q, { vector }] of sample.entries()) data.set(vector, q * dim);
      const ignored: Ignored = {
        self: Int32Array.from(sample, ({ self }) => self),
        sequence: Int32Array.from(sample, ({ sequence }) => sequence),
      };
      const k = sample.reduce((least, seen) => Math.min(least, seen.k), Number.POSITIVE_INFINITY);
      const exact = await truth.search({ data, rows: sample.length, dim }, k, ignored);
      return { recall: recallOf(topKOf(sample.map(({ ids }) => ids.subarray(0, k))), exact), queries: sample.length };
    },
    close: () => searcher.close(),
  };
}

/** Lists of rows, without their distances. */
function topKOf(lists: readonly Int32Array[]): TopK {
  const { offsets, values: ids } = packLists(lists, Int32Array);
  return { offsets, ids, distances: new Float32Array(0), retried: 0 };
}
