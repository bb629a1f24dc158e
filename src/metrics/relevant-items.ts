import { UserError } from '../data/errors.js';

/** Some of the retrieved items of each query, nearest first: those of query q are [offsets[q], offsets[q + 1]) of the aligned arrays. */
interface RankedItems {
  readonly offsets: Int32Array;
  /** Rank of each item in its query's list, 1 for the nearest. */
  readonly ranks: Int32Array;
}

/** The retrieved items whose gain is above 0. They are few among all retrieved, so that measures need not look at the rest. */
export interface GainedItems extends RankedItems {
  readonly gains: Float32Array;
}

/** The retrieved items that are relevant at one level. */
export interface RelevantItems extends RankedItems {
  /** Relevant items in the whole gallery, per query. */
  readonly numRelevant: Uint32Array;
}

/** @param lists offsets of the retrieved lists in `gains` @param gains gains of the retrieved items; NaN is unjudged */
export function gainedItems(lists: Int32Array, gains: Float32Array): GainedItems {
  const queries = lists.length - 1;
  const offsets = new Int32Array(queries + 1);
  let count = 0;
  for (let q = 0; q < queries; q++) {
    for (let i = lists[q]; i < lists[q + 1]; i++) if (gains[i] > 0) count++;
    offsets[q + 1] = count;
  }
  const items = { offsets, ranks: new Int32Array(count), gains: new Float32Array(count) };
  let at = 0;
  for (let q = 0; q < queries; q++) {
    const before = lists[q] - 1;
    for (let i = lists[q]; i < lists[q + 1]; i++) {
      if (!(gains[i] > 0)) continue;
      items.ranks[at] = i - before;
      items.gains[at++] = gains[i];
    }
  }
  return items;
}

/**
 * Those of the items whose gain is at least `level`, which is above 0; the arrays are shared where these are all of them.
 * @throws UserError when a query retrieved more relevant items than there are
 */
export function relevantItems(rows: Uint32Array, gained: GainedItems, level: number, numRelevant: Uint32Array): RelevantItems {
  const { offsets: from, ranks: all, gains } = gained;
  const offsets = new Int32Array(from.length);
  let count = 0;
  for (let q = 0; q + 1 < from.length; q++) {
    for (let i = from[q]; i < from[q + 1]; i++) if (gains[i] >= level) count++;
    offsets[q + 1] = count;
    const hits = count - offsets[q];
    if (hits > numRelevant[q]) {
      throw new UserError(
        `query ${rows[q]}: ${hits} retrieved items have gain ${level} or more, but only ${numRelevant[q]} of the gallery are said to`,
      );
    }
  }
  if (count === all.length) return { offsets: from, ranks: all, numRelevant };
  return { offsets, ranks: all.filter((_, i) => gains[i] >= level), numRelevant };
}
