import type { EmbeddingBatch } from '../data/embedding-batch.js';
import type { Gallery } from '../data/gallery.js';
import { openBins, type PairCounts, type PairMeasure } from '../data/pair-counts.js';
import { PairCounter, type PairOptions } from './pair-counter.js';
import { planPairs } from './pair-sample.js';

export interface AllPairsOptions extends PairOptions {
  /** Called with the number of queries of each batch that was counted; a pass counts each query once. */
  readonly onBatch?: (rows: number) => void;
}

/**
 * Counts the pairs of every query with every gallery item by their canonical float32 distance, finely enough for the measures to be exact: what
 * NumPy would make of the full matrix of distances, in memory that does not depend on the number of pairs. A pair is positive when both have the
 * same label, negative when the labels differ, and neither when one of them is null, both are the same item, or both are of one sequence.
 *
 * A sample brackets the distances that decide; one pass over all pairs counts them, and where a bracket missed, another does.
 * @param queries iterated at least twice
 * @throws UserError when dimensions differ, labels are missing, a distance is beyond float32
 * @example
 * const counts = await allPairs(gallery, readEmbeddings('q.parquet'), [fnmrAtFmr(0.001), eer()]);
 * pairValues([fnmrAtFmr(0.001), eer()], counts).metrics.eer;
 */
export async function allPairs(
  gallery: Gallery,
  queries: AsyncIterable<EmbeddingBatch> | Iterable<EmbeddingBatch>,
  measures: readonly PairMeasure[],
  options: AllPairsOptions = {},
): Promise<PairCounts> {
  const counter = await PairCounter.open(gallery, options);
  try {
    let plan = await planPairs(counter, gallery, queries, measures);
    for (;;) {
      const counts = await counter.count(queries, plan, options.onBatch);
      const open = openBins(measures, counts);
      if (open.length === 0) return counts;
      plan = { ...plan, bins: counts.bins.cut(open) };
    }
  } finally {
    await counter.close();
  }
}
