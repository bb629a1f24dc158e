import { exactCounts } from '../../src/data/exact-counts.js';
import type { PairCounts, PairMeasure } from '../../src/data/pair-counts.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';

export function countsOf(positives: readonly number[], negatives: readonly number[], measures: readonly PairMeasure[]): PairCounts {
  return exactCounts(measures, Float32Array.from(positives), Float32Array.from(negatives));
}

export function valueOfPairs(measure: PairMeasure, positives: readonly number[], negatives: readonly number[]): number | null {
  return measure.value(countsOf(positives, negatives, [measure]));
}

/** Results of which the queries have these distances of relevant and other items. */
export function pairsAsResults(
  queries: readonly { readonly positives: readonly number[]; readonly negatives: readonly number[] }[],
): RetrievalResults {
  const lists = queries.map(({ positives, negatives }) =>
    [...positives.map((d) => ({ d: Math.fround(d), hit: true })), ...negatives.map((d) => ({ d: Math.fround(d), hit: false }))].sort(
      (a, b) => a.d - b.d,
    ),
  );
  return RetrievalResults.fromLists({
    retrieved: lists.map((list) => list.map((_, i) => i)),
    distances: lists.map((list) => list.map(({ d }) => d)),
    relevant: lists.map((list) => list.flatMap(({ hit }, i) => (hit ? [i] : []))),
  });
}
