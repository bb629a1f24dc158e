import { UserError } from '../data/errors.js';
import type { Lists } from '../data/lists.js';
import type { RetrievalResults } from '../data/retrieval-results.js';

/**
 * What measures ask of the judgements of a batch beyond its retrieved items. Where relevance is binary and complete (labels, or lists of relevant
 * items), the number of relevant items says it all; graded judgements, or incomplete ones, must be listed.
 */

/** Items of the whole gallery with a gain of at least `level`, per query. @throws UserError when the judgements would have to be listed, and are not */
export function numRelevantAt(rr: RetrievalResults, level: number): Uint32Array {
  if (level === 1) return rr.numRelevant as Uint32Array;
  const listed = listedGains(rr);
  if (listed) return Uint32Array.from(counted(listed, (gain) => gain >= level));
  refuseGraded(rr);
  return new Uint32Array(rr.length);
}

/** The gains above 0 of all judged items, descending; undefined where they are `numRelevant` ones. @throws UserError as `numRelevantAt` */
export function idealGains(rr: RetrievalResults): Lists<Float32Array> | undefined {
  const listed = listedGains(rr);
  if (!listed) {
    refuseGraded(rr);
    return undefined;
  }
  const { offsets: from, values } = listed;
  const offsets = new Int32Array(from.length);
  const sorted = new Float32Array(values.length);
  let end = 0;
  for (let q = 0; q < rr.length; q++) {
    const start = end;
    for (let i = from[q]; i < from[q + 1]; i++) {
      const gain = values[i];
      if (!(gain > 0)) continue;
      // Most queries have a handful of relevant items: for those nothing is faster than insertion.
      let at = end++;
      if (at - start < INSERTED) {
        for (; at > start && sorted[at - 1] < gain; at--) sorted[at] = sorted[at - 1];
      }
      sorted[at] = gain;
    }
    if (end - start > INSERTED) sorted.subarray(start, end).sort().reverse();
    offsets[q + 1] = end;
  }
  return { offsets, values: sorted.subarray(0, end) };
}

const INSERTED = 32;

/**
 * Judged items with a gain from 0 to below `level`, per query. Below 0 means "in the pool, but not judged" (TREC).
 * @throws UserError when some items are unjudged, but the judged ones are not listed
 */
export function nonRelevant(rr: RetrievalResults, level: number): Float64Array {
  const listed = listedGains(rr);
  if (listed) return counted(listed, (gain) => gain >= 0 && gain < level);
  if (rr.gains?.some(Number.isNaN)) throw new UserError(`some retrieved items are unjudged, but the judged ones are not listed${REMEDY}`);
  const { gallerySize = Number.POSITIVE_INFINITY } = rr.info;
  return Float64Array.from(numRelevantAt(rr, level), (relevant) => gallerySize - relevant);
}

const REMEDY = '; give results with their judgements (columns "relevant" and "relevant_gain")';

function listedGains({ relevant, relevantGains }: RetrievalResults): Lists<Float32Array> | undefined {
  return relevant && relevantGains && { offsets: relevant.offsets, values: relevantGains };
}

function refuseGraded({ gains = new Float32Array(0) }: RetrievalResults): void {
  const graded = gains.find((gain) => gain > 0 && gain !== 1);
  if (graded !== undefined) {
    throw new UserError(`relevance is graded (a retrieved item has gain ${graded}), but the gains of the others are not listed${REMEDY}`);
  }
}

function counted({ offsets, values }: Lists<Float32Array>, counts: (gain: number) => boolean): Float64Array {
  const out = new Float64Array(offsets.length - 1);
  for (let q = 0; q < out.length; q++) for (let i = offsets[q]; i < offsets[q + 1]; i++) if (counts(values[i])) out[q]++;
  return out;
}
