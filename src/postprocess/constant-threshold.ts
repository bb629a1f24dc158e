import { UserError } from '../data/errors.js';
import { keepFirst } from './keep-first.js';
import type { Postprocessor } from './postprocessor.js';

/**
 * Keeps the retrieved items whose distance is strictly below a threshold (OML's ConstantThresholding). A query may lose all its items.
 * @param threshold in units of the distance; negative thresholds are useful with `ip`
 * @throws UserError when the threshold is not a number
 * @example constantThreshold(0.8).process(rr, {}) // distances [0.5, 0.8, 0.9] become [0.5]
 */
export function constantThreshold(threshold: number): Postprocessor {
  if (typeof threshold !== 'number' || Number.isNaN(threshold)) {
    throw new UserError(`constant-threshold: the threshold must be a number, not ${threshold}`);
  }
  return {
    name: 'constant-threshold',
    params: { threshold },
    process: (rr) =>
      keepFirst(rr, (q) => {
        // Distances do not decrease, so the items to keep come first.
        let i = rr.offsets[q];
        while (i < rr.offsets[q + 1] && rr.distances[i] < threshold) i++;
        return i - rr.offsets[q];
      }),
  };
}
