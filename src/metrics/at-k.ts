import { UserError } from '../data/errors.js';
import { emptyValue } from './empty-rules.js';
import type { JudgedView } from './judged-view.js';
import type { QueryMetric } from './metric.js';

/**
 * The value of one query that has both relevant and retrieved items.
 * @param from position of its first item in the view's arrays
 * @param to position after its k'-th item, k' = min(k, retrieved)
 * @param relevant relevant items in the whole gallery
 */
export type ValueAtK = (view: JudgedView, from: number, to: number, relevant: number) => number;

/**
 * A metric of the first k items with OML's name, `family@k`: the loop over queries, the clipping of k to what was retrieved, and the empty rules.
 * @throws UserError when k is not a positive integer
 */
export function atK(family: string, k: number, valueAtK: ValueAtK): QueryMetric {
  if (!Number.isSafeInteger(k) || k < 1) throw notAPositiveInteger(family, String(k));
  return {
    name: `${family}@${k}`,
    reduce: 'mean',
    whenEmpty: { irrelevant: 0, void: 1 },
    score(view, out) {
      const { length, offsets, numRelevant } = view;
      for (let q = 0; q < length; q++) {
        const from = offsets[q];
        const retrieved = offsets[q + 1] - from;
        out[q] = emptyValue(numRelevant[q], retrieved) ?? valueAtK(view, from, from + Math.min(k, retrieved), numRelevant[q]);
      }
    },
  };
}

/** The complaint about a k. */
export function notAPositiveInteger(family: string, k: string): UserError {
  return new UserError(`metric ${family}@${k}: k must be a positive integer, not ${k === '' ? '""' : k}`);
}
