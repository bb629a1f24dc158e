import { UserError } from '../../data/errors.js';
import type { QueryMetric } from '../metric.js';
import { type MeasureOptions, measureName } from './parameters.js';

/**
 * Expected reciprocal rank: of a user who looks at one item after the other and stops, satisfied, with the probability that its grade tells.
 *
 *     ERR@k(q) = sum over ranks r <= k of 1/r * s(r) * product over i < r of (1 - s(i)),   s = (2^gain - 1) / 2^max
 *
 * where max is the highest grade of the judgements (4, as in gdeval.pl of the TREC Web track; it must not depend on the query). Gains below 0 and
 * unjudged items count as 0.
 *
 * @throws UserError when k is no positive integer or max no integer from 1 to 50; while scoring, when a gain is above max
 * @see O. Chapelle, D. Metzler, Y. Zhang, P. Grinspan, "Expected Reciprocal Rank for Graded Relevance", CIKM 2009; gdeval.pl
 */
export function err({ k, max = 4 }: Pick<MeasureOptions, 'k' | 'max'> = {}): QueryMetric {
  const name = measureName('ERR', { max }, k);
  const last = k ?? Number.POSITIVE_INFINITY;
  return {
    name,
    reduce: 'mean',
    whenEmpty: { irrelevant: 0, void: 0 },
    score(view, out) {
      const { offsets, ranks, gains } = view.gained;
      for (let q = 0; q < view.length; q++) {
        let looking = 1;
        let sum = 0;
        for (let i = offsets[q]; i < offsets[q + 1] && ranks[i] <= last; i++) {
          if (gains[i] > max) {
            const remedy = `write ERR(max=${Math.ceil(gains[i])})`;
            throw new UserError(`metric ${name}, query ${view.rows[q]}: gain ${gains[i]} is above the highest grade, ${max}; ${remedy}`);
          }
          const satisfied = (2 ** gains[i] - 1) / 2 ** max;
          sum += (satisfied * looking) / ranks[i];
          looking *= 1 - satisfied;
        }
        out[q] = sum;
      }
    },
  };
}
