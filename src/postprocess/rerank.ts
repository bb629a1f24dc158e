import { UserError } from '../data/errors.js';
import type { RetrievalResults } from '../data/retrieval-results.js';
import type { Pairs, PairwiseModel } from '../models/pairwise-model.js';
import type { Postprocessor } from './postprocessor.js';

/** OML's gap between the re-ranked items and the rest: 1000 units in the last place of 1. */
const GAP = Math.fround(1000 * 2 ** -23);

/** The largest float32. */
const LARGEST = 2 ** 128 - 2 ** 104;

/**
 * Orders the first items of each list anew by a pairwise model; the rest stays as it is (OML's PairwiseReranker). Items at equal new distances keep
 * their order.
 *
 * The first items take the new distances. Where the last of them exceeds the first distance of the rest, t, they are scaled to end at t, and moved by
 * a small gap below it, as in OML: d * t / last - gap. That is only right for t > 0: else they are moved without scaling (there OML gives lists that
 * are not sorted, and refuses them).
 * @param topN items that are ordered anew, at least 2
 * @throws UserError for another topN; in `process`, when the model gives a distance that is not finite, naming query and item
 * @example rerank(model, { topN: 3 }) // distances [0.1, 0.2, 0.5, 0.6], new ones 0.4, 0.2, 0.3: [0.2, 0.3, 0.4, 0.6], items 1, 2, 0, 3
 */
export function rerank(model: PairwiseModel, { topN }: { readonly topN: number }): Postprocessor {
  checkTopN(topN);
  return {
    name: 'rerank',
    params: { model: model.name, topN },
    needs: model.needs,
    itemShape: model.itemShape,
    itemModel: model.itemModel,
    close: async () => model.close?.(),
    async process(rr, context) {
      const pairs = firstPairs(rr, topN);
      const fresh = Float32Array.from(pairs.rows.length === 0 ? [] : await model.distances(pairs, context));
      if (fresh.length !== pairs.rows.length) {
        throw new UserError(`rerank: ${model.name} gave ${fresh.length} distances for ${pairs.rows.length} pairs`);
      }
      const from = Int32Array.from({ length: rr.ids.length }, (_, i) => i);
      const distances = rr.distances.slice();
      for (let q = 0, at = 0; q < rr.length; q++) {
        const start = rr.offsets[q];
        const count = Math.min(topN, rr.offsets[q + 1] - start);
        const order = Array.from({ length: count }, (_, i) => i);
        const ofQuery = fresh.subarray(at, at + count);
        const bad = ofQuery.findIndex((distance) => !Number.isFinite(distance));
        if (bad >= 0) throw notFinite(model, rr, q, rr.ids[start + bad], ofQuery[bad]);
        order.sort((a, b) => ofQuery[a] - ofQuery[b]);
        for (const [i, was] of order.entries()) {
          from[start + i] = start + was;
          distances[start + i] = ofQuery[was];
        }
        if (start + count < rr.offsets[q + 1]) fitBelow(distances.subarray(start, start + count), distances[start + count]);
        at += count;
      }
      return rr.rearranged(rr.offsets, from, distances);
    },
  };
}

/** @throws UserError unless it is an integer of at least 2 */
export function checkTopN(topN: number): void {
  if (!Number.isInteger(topN) || topN < 2) throw new UserError(`rerank: topN must be an integer of at least 2, not ${topN}`);
}

function firstPairs(rr: RetrievalResults, topN: number): Pairs {
  let total = 0;
  for (let q = 0; q < rr.length; q++) total += Math.min(topN, rr.offsets[q + 1] - rr.offsets[q]);
  const queries = new Int32Array(total);
  const rows = new Int32Array(total);
  for (let q = 0, at = 0; q < rr.length; q++) {
    const end = Math.min(rr.offsets[q] + topN, rr.offsets[q + 1]);
    for (let i = rr.offsets[q]; i < end; i++, at++) {
      queries[at] = q;
      rows[at] = rr.ids[i];
    }
  }
  return { rr, queries, rows };
}

/** Moves sorted float32 distances so that none exceeds `most`, in float32 as OML does. */
function fitBelow(distances: Float32Array, most: number): void {
  const last = distances[distances.length - 1];
  if (!(last > most)) return;
  const scale = Math.fround(most / last);
  for (let i = 0; i < distances.length; i++) {
    const moved = most > 0 ? Math.fround(distances[i] * scale) : distances[i] - last + most;
    // Where the gap is lost in rounding a distance could come out above `most`, and one far below zero beyond float32.
    distances[i] = Math.max(Math.min(moved - GAP, most), -LARGEST);
  }
}

function notFinite(model: PairwiseModel, rr: RetrievalResults, q: number, row: number, value: number): UserError {
  return new UserError(
    `rerank: ${model.name} gave ${value} for query ${rr.rows[q]} and gallery item ${row}; a distance must be finite in float32`,
  );
}
