import { UserError } from '../data/errors.js';
import { keepFirst } from './keep-first.js';
import type { Postprocessor } from './postprocessor.js';

/**
 * Keeps the first items of each list.
 * @param count how many, a positive integer
 * @throws UserError for another count
 */
export function top(count: number): Postprocessor {
  if (!Number.isInteger(count) || count < 1) throw new UserError(`top: the count must be a positive integer, not ${count}`);
  return {
    name: 'top',
    params: { count },
    process: (rr) => keepFirst(rr, (q) => Math.min(count, rr.offsets[q + 1] - rr.offsets[q])),
  };
}
