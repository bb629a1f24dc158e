import type { JudgedView } from '../judged-view.js';
import type { QueryMetric } from '../metric.js';
import type { RelevantItems } from '../relevant-items.js';

/**
 * The value of one query from its relevant retrieved items.
 * @param items the relevant items of the batch: those of the query are [items.offsets[q], items.offsets[q + 1]), ranks ascending
 * @param q position of the query in the batch
 * @param retrieved number of items retrieved for it
 */
export type ValueOfRelevant = (items: RelevantItems, q: number, retrieved: number) => number;

/**
 * A measure of the ranks of the relevant items. As in trec_eval, what is unjudged is not relevant, and a query without relevant items, or without
 * retrieved ones, must come out as 0.
 * @param rel relevant is an item whose gain is at least this
 */
export function relevanceMeasure(name: string, rel: number, ofQuery: ValueOfRelevant, reduce: QueryMetric['reduce'] = 'mean'): QueryMetric {
  return {
    name,
    reduce,
    whenEmpty: reduce === 'sum' ? undefined : { irrelevant: 0, void: 0 },
    score(view: JudgedView, out: Float64Array) {
      const items = view.relevantAt(rel);
      const { length, offsets } = view;
      for (let q = 0; q < length; q++) out[q] = ofQuery(items, q, offsets[q + 1] - offsets[q]);
    },
  };
}

/** Number of relevant items of query q among its first k. */
export function hitsAt({ offsets, ranks }: RelevantItems, q: number, k: number): number {
  let at = offsets[q];
  while (at < offsets[q + 1] && ranks[at] <= k) at++;
  return at - offsets[q];
}
