import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { map } from '../../src/metrics/map.js';
import { meanMetric } from '../../src/metrics/mean-metric.js';
import type { QueryMetric } from '../../src/metrics/metric.js';
import { parseMetrics } from '../../src/metrics/registry.js';
import { anyQuery, naive, resultsOf, scattered, whole } from './support.js';

const queries = fc.array(anyQuery, { maxLength: 30 });
const reductions = ['mean', 'sum', 'geometric'] as const;

describe('meanMetric', () => {
  it('gives the same bits for any partition, order and tree of merges', () => {
    const metrics = [
      ...parseMetrics('cmc@1,cmc@5,precision@3,precision@10,map@4,map@100'),
      ...reductions.map((reduce): QueryMetric => ({ ...map(7), reduce })),
    ];
    fc.assert(
      fc.property(queries, fc.nat(), (all, seed) => {
        const rr = resultsOf(all);
        for (const metric of metrics) {
          const lifted = meanMetric(metric);
          const [one, other] = [whole(lifted, rr), scattered(lifted, rr, seed)];
          expect(Object.is(lifted.value(one), lifted.value(other)), metric.name).toBe(true);
          expect(JSON.stringify(one)).toBe(JSON.stringify(other));
        }
      }),
    );
  });

  it('reduces as the metric says', () => {
    const all = [
      { hits: [true, false, true], missed: 1 },
      { hits: [false, true], missed: 0 },
      { hits: [false], missed: 1 },
    ];
    const values = all.map((query) => naive.map(query, 5));
    const value = (reduce: QueryMetric['reduce']) => {
      const lifted = meanMetric({ ...map(5), reduce });
      return lifted.value(whole(lifted, resultsOf(all)));
    };
    expect(values).toEqual([(1 + 2 / 3) / 2, 0.5, 0]);
    expect(value('mean')).toBeCloseTo((5 / 6 + 0.5) / 3, 15);
    expect(value('sum')).toBeCloseTo(5 / 6 + 0.5, 15);
    // trec_eval's floor stands in for the 0.
    expect(value('geometric')).toBeCloseTo(((5 / 6) * 0.5 * 1e-5) ** (1 / 3), 15);
  });

  it.each(reductions)('is null without queries (%s)', (reduce) => {
    const lifted = meanMetric({ ...map(5), reduce });
    expect(lifted.value(lifted.init())).toBeNull();
    expect(lifted.value(whole(lifted, resultsOf([])))).toBeNull();
    expect(lifted.name).toBe('map@5');
  });
});
