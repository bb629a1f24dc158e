import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/data/errors.js';
import { map } from '../../src/metrics/map.js';
import { perQuery } from '../../src/metrics/mean-metric.js';
import { worstQueries } from '../../src/metrics/worst.js';
import { anyQuery, resultsOf, scattered, whole } from './support.js';

describe('worstQueries', () => {
  it('is a sort cut after n, for any partition, order and tree of merges', () => {
    fc.assert(
      fc.property(fc.array(anyQuery, { maxLength: 60 }), fc.integer({ min: 1, max: 12 }), fc.nat(), (all, n, seed) => {
        const rr = resultsOf(all);
        const worst = worstQueries(map(10), n);
        const sorted = [...perQuery(map(10), rr)].map((value, row) => ({ row, value })).sort((a, b) => a.value - b.value || a.row - b.row);
        expect(worst.value(whole(worst, rr))).toEqual(sorted.slice(0, n));
        expect(worst.value(scattered(worst, rr, seed))).toEqual(sorted.slice(0, n));
      }),
    );
  });

  it('keeps no more than n queries', () => {
    const worst = worstQueries(map(10), 3);
    const state = whole(worst, resultsOf(Array.from({ length: 50 }, (_, i) => ({ hits: [i % 2 === 0], missed: 1 }))));
    expect(state).toHaveLength(3);
    worst.merge(state, state);
    expect(state).toHaveLength(3);
  });

  it('gives rows of the query set, not positions in the batch', () => {
    const worst = worstQueries(map(10), 2);
    const state = whole(worst, resultsOf(Array.from({ length: 20 }, (_, i) => ({ hits: [i < 15], missed: 1 }))).slice(10, 18));
    expect(worst.value(state)).toEqual([
      { row: 15, value: 0 },
      { row: 16, value: 0 },
    ]);
  });

  it.each([0, -1, 2.5, Number.NaN])('refuses n = %s', (n) => {
    expect(() => worstQueries(map(1), n)).toThrow(UserError);
  });
});
