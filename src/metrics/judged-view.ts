import { UserError } from '../data/errors.js';
import type { Lists } from '../data/lists.js';
import type { RetrievalResults } from '../data/retrieval-results.js';
import { idealGains, nonRelevant, numRelevantAt } from './judgements.js';
import { type GainedItems, gainedItems, type RelevantItems, relevantItems } from './relevant-items.js';

/** What rank metrics need of a batch, computed once however many metrics look at it; what only some of them need, when the first of them asks. */
export interface JudgedView {
  /** Number of queries. */
  readonly length: number;
  /** Row of each query in the query set. */
  readonly rows: Uint32Array;
  /** The retrieved list of query q is [offsets[q], offsets[q + 1]) of the aligned arrays below. */
  readonly offsets: Int32Array;
  /** Gains, nearest first; NaN is unjudged. */
  readonly gains: Float32Array;
  /** Cumulative hits: relevant items (gain >= 1) from the query's first item up to and including this one. */
  readonly hits: Int32Array;
  /** Relevant items in the whole gallery, per query. */
  readonly numRelevant: Uint32Array;
  /** The retrieved items whose gain is above 0, with their ranks. */
  readonly gained: GainedItems;
  /** The retrieved items whose gain is at least `level`, with their ranks, and how many there are in the whole gallery. */
  relevantAt(level: number): RelevantItems;
  /**
   * The gains above 0 of all judged items of each query, descending: the ranking that no other can beat. Undefined where relevance is binary: then
   * they are `numRelevant` ones, however many millions.
   */
  readonly idealGains: Lists<Float32Array> | undefined;
  /** Judged items of each query with a gain from 0 to below `level`; infinite where they are all the gallery, and its size is not known. */
  nonRelevantAt(level: number): Float64Array;
}

const views = new WeakMap<RetrievalResults, JudgedView>();

/** The view of a batch, cached with it. @throws UserError when the results carry no relevance */
export function judgedView(rr: RetrievalResults): JudgedView {
  const known = views.get(rr);
  if (known) return known;
  const view = makeView(rr);
  views.set(rr, view);
  return view;
}

function makeView(rr: RetrievalResults): JudgedView {
  const { rows, offsets, gains, numRelevant } = rr;
  if (!gains || !numRelevant) {
    throw new UserError('metrics need to know what is relevant: give labels to queries and gallery, or relevance with the saved results');
  }
  const hits = once(() => cumulativeHits(offsets, gains));
  const gained = once(() => gainedItems(offsets, gains));
  const ideal = once(() => idealGains(rr));
  const atLevel = new Map<number, RelevantItems>();
  const nonRelevantOf = new Map<number, Float64Array>();
  return {
    length: rr.length,
    rows,
    offsets,
    gains,
    numRelevant,
    get hits() {
      return hits();
    },
    get gained() {
      return gained();
    },
    relevantAt: (level) => cached(atLevel, level, () => relevantItems(rows, gained(), level, numRelevantAt(rr, level))),
    get idealGains() {
      return ideal();
    },
    nonRelevantAt: (level) => cached(nonRelevantOf, level, () => nonRelevant(rr, level)),
  };
}

function cumulativeHits(offsets: Int32Array, gains: Float32Array): Int32Array {
  const hits = new Int32Array(gains.length);
  for (let q = 0; q + 1 < offsets.length; q++) {
    let n = 0;
    for (let i = offsets[q]; i < offsets[q + 1]; i++) {
      if (gains[i] >= 1) n++;
      hits[i] = n;
    }
  }
  return hits;
}

function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: compute() };
    return known.value;
  };
}

function cached<T>(known: Map<number, T>, key: number, compute: () => T): T {
  let value = known.get(key);
  if (value === undefined) {
    value = compute();
    known.set(key, value);
  }
  return value;
}
