import { RetrievalResults } from '../../data/retrieval-results.js';
import { RowMap } from '../../data/row-map.js';
import { judgedById, type Qrels } from './qrels.js';
import type { Run } from './run.js';
import { TrecOrder } from './trec-order.js';

/** A maker of batches: queries by their rows in qrels and run (-1: not in the run), of which the first is `firstRow`. */
export type BatchMaker = (firstRow: number, inQrels: Int32Array, inRun: Int32Array) => RetrievalResults;

/** @param documentOf for each document row of the qrels the row that results call it by */
export function judgedBatches(run: Run, qrels: Qrels, documentOf: Int32Array, depth: number): BatchMaker {
  const info = { distance: 'score', ...(Number.isFinite(depth) && { k: depth }) } as const;
  const order = new TrecOrder(run.documents);
  const judgement = new RowMap();

  return (firstRow, inQrels, inRun) => {
    const count = inQrels.length;
    const offsets = new Int32Array(count + 1);
    const relevantOffsets = new Int32Array(count + 1);
    for (let q = 0; q < count; q++) {
      const row = inRun[q];
      offsets[q + 1] = offsets[q] + (row < 0 ? 0 : Math.min(depth, run.offsets[row + 1] - run.offsets[row]));
      relevantOffsets[q + 1] = relevantOffsets[q] + qrels.offsets[inQrels[q] + 1] - qrels.offsets[inQrels[q]];
    }
    const ids = new Int32Array(offsets[count]);
    const distances = new Float32Array(ids.length);
    const gains = new Float32Array(ids.length);
    const relevant = new Int32Array(relevantOffsets[count]);
    const relevantGains = new Float32Array(relevant.length);
    const numRelevant = new Uint32Array(count);

    for (let q = 0; q < count; q++) {
      judgement.clear(relevantOffsets[q + 1] - relevantOffsets[q]);
      const sorted = judgedById(qrels, inQrels[q]);
      for (let j = 0; j < sorted.length; j++) {
        const at = relevantOffsets[q] + j;
        relevant[at] = documentOf[qrels.ids[sorted[j]]];
        relevantGains[at] = qrels.values[sorted[j]];
        if (relevantGains[at] >= 1) numRelevant[q]++;
        judgement.put(relevant[at], at);
      }
      if (inRun[q] < 0) continue;
      const ranked = order.positions(run.ids, run.values, run.offsets[inRun[q]], run.offsets[inRun[q] + 1]);
      for (let i = offsets[q]; i < offsets[q + 1]; i++) {
        const at = ranked[i - offsets[q]];
        ids[i] = run.ids[at];
        // Not the negation, which would make a -0.
        distances[i] = 0 - run.values[at];
        const judged = judgement.get(ids[i]);
        gains[i] = judged < 0 ? Number.NaN : relevantGains[judged];
      }
    }
    return RetrievalResults.trusted({
      info,
      rows: Uint32Array.from({ length: count }, (_, q) => firstRow + q),
      offsets,
      ids,
      distances,
      numRelevant,
      gains,
      relevant: { offsets: relevantOffsets, values: relevant },
      relevantGains,
      queryIds: qrels.queries.column(inQrels),
      columns: {},
    });
  };
}
