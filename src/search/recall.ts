import { UserError } from '../data/errors.js';
import type { TopK } from './searcher.js';

/**
 * Recall of retrieved lists against the true ones: the mean over the queries of |found and true| / |true|; a query without true items counts 1.
 * Items are compared by their rows, so that another item at the very same distance counts as a miss.
 * @param found what an engine gave @param truth what the exact engine gave for the same queries and k
 * @returns from 0 to 1
 * @throws UserError when they are of different numbers of queries, or of none
 */
export function recallOf(found: TopK, truth: TopK): number {
  const queries = truth.offsets.length - 1;
  if (found.offsets.length - 1 !== queries) {
    throw new UserError(`recall needs the same queries on both sides, not ${found.offsets.length - 1} and ${queries}`);
  }
  if (queries === 0) throw new UserError('recall needs queries; there are none');
  let sum = 0;
  for (let q = 0; q < queries; q++) {
    const rows = new Set(found.ids.subarray(found.offsets[q], found.offsets[q + 1]));
    const [from, to] = [truth.offsets[q], truth.offsets[q + 1]];
    let hits = 0;
    for (let i = from; i < to; i++) if (rows.has(truth.ids[i])) hits++;
    sum += to === from ? 1 : hits / (to - from);
  }
  return sum / queries;
}
