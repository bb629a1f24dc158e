import { UserError } from '../data/errors.js';
import type { RetrievalResults } from '../data/retrieval-results.js';

/** What rank metrics need of a batch, computed once however many metrics look at it. */
export interface JudgedView {
  /** Number of queries. */
  readonly length: number;
  /** The retrieved list of query q is [offsets[q], offsets[q + 1]) of the aligned arrays below. */
  readonly offsets: Int32Array;
  /** Gains, nearest first; NaN is unjudged. */
  readonly gains: Float32Array;
  /** Cumulative hits: relevant items (gain >= 1) from the query's first item up to and including this one. */
  readonly hits: Int32Array;
  /** Relevant items in the whole gallery, per query. */
  readonly numRelevant: Uint32Array;
}

const views = new WeakMap<RetrievalResults, JudgedView>();

/** The view of a batch, cached with it. @throws UserError when the results carry no relevance */
export function judgedView(rr: RetrievalResults): JudgedView {
  const known = views.get(rr);
  if (known) return known;
  if (!rr.gains || !rr.numRelevant) {
    throw new UserError('metrics need to know what is relevant: give labels to queries and gallery, or relevance with the saved results');
  }
  const hits = new Int32Array(rr.gains.length);
  for (let q = 0; q < rr.length; q++) {
    let n = 0;
    for (let i = rr.offsets[q]; i < rr.offsets[q + 1]; i++) {
      if (rr.gains[i] >= 1) n++;
      hits[i] = n;
    }
  }
  const view = { length: rr.length, offsets: rr.offsets, gains: rr.gains, hits, numRelevant: rr.numRelevant };
  views.set(rr, view);
  return view;
}
