import { UserError } from '../data/errors.js';
import type { RetrievalResults } from '../data/retrieval-results.js';
import { ExactSum } from '../metrics/exact-sum.js';
import type { Metric } from '../metrics/metric.js';
import { keepFirst } from './keep-first.js';
import type { Postprocessor } from './postprocessor.js';

/**
 * Cuts each list after its first big gap: where the next distance is more than `factor` times the mean gap away (OML's AdaptiveThresholding).
 * The mean is over all gaps between neighbours of all queries, so it depends on k. It needs every result before the first can be cut: two passes.
 * @param factor OML's `n_std`: the smaller, the less is kept
 * @throws UserError when the factor is not a positive number
 * @example adaptiveThreshold(2) // gaps of mean 0.1: [0.1, 0.2, 0.5, 0.6] becomes [0.1, 0.2]
 */
export function adaptiveThreshold(factor: number): Postprocessor<number | undefined> {
  if (!(factor > 0 && Number.isFinite(factor)))
    throw new UserError(`adaptive-threshold: the factor must be a positive number, not ${factor}`);
  return {
    name: 'adaptive-threshold',
    params: { factor },
    fit: meanGap,
    process(rr, _context, mean) {
      if (mean === undefined) return rr;
      const most = factor * mean;
      return keepFirst(rr, (q) => {
        let i = rr.offsets[q] + 1;
        while (i < rr.offsets[q + 1] && rr.distances[i] - rr.distances[i - 1] <= most) i++;
        return Math.min(i, rr.offsets[q + 1]) - rr.offsets[q];
      });
    },
  };
}

interface Gaps {
  count: number;
  readonly sum: ExactSum;
}

/** The mean gap between neighbouring distances; undefined without a gap. The gaps of a list add up to its last distance less its first. */
const meanGap: Metric<Gaps, number | undefined> = {
  name: 'mean gap',
  init: () => ({ count: 0, sum: new ExactSum() }),
  update(state: Gaps, rr: RetrievalResults) {
    for (let q = 0; q < rr.length; q++) {
      const [first, end] = [rr.offsets[q], rr.offsets[q + 1]];
      if (end - first < 2) continue;
      state.sum.add(rr.distances[end - 1]);
      state.sum.add(-rr.distances[first]);
      state.count += end - first - 1;
    }
  },
  merge(into, other) {
    into.sum.merge(other.sum);
    into.count += other.count;
  },
  value: (state) => (state.count === 0 ? undefined : state.sum.mean(state.count)),
};
