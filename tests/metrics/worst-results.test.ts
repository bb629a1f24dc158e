import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../src/data/columns.js';
import { Accumulator } from '../../src/metrics/accumulator.js';
import { cmc } from '../../src/metrics/cmc.js';
import { map } from '../../src/metrics/map.js';
import { worstQueries } from '../../src/metrics/worst.js';
import { worstResults } from '../../src/metrics/worst-results.js';
import { cut, cuts, judgedResults } from '../support/arbitraries.js';

const metrics = [cmc(1), map(5)];

describe('the worst queries with their results', () => {
  it('are those of worstQueries, overall and of each value of a column, whatever the batches and merges', () => {
    const cases = judgedResults.chain((rr) =>
      fc.tuple(fc.constant(rr), cuts(rr.length), fc.integer({ min: 1, max: 4 }), fc.nat({ max: 12 })),
    );
    fc.assert(
      fc.property(cases, ([rr, sizes, count, split]) => {
        const metric = worstResults({ metrics, count, by: 'category' });
        const [one, other] = [new Accumulator(metric), new Accumulator(metric)];
        cut(rr, sizes).forEach((part, i) => {
          (i < split ? one : other).update(part);
        });
        one.merge(other);
        const { overall, groups, results } = one.value();
        const wanted = (positions: readonly number[]) =>
          metrics.map((own) => {
            const worst = new Accumulator(worstQueries(own, count));
            worst.update(rr.pick(positions));
            return worst.value();
          });
        const all = Array.from({ length: rr.length }, (_, q) => q);
        expect(overall).toEqual(wanted(all));
        const values = all.map((q) => textOf(rr.columns.category.get(q)));
        expect([...groups.keys()].sort()).toEqual([...new Set(values)].sort());
        for (const [value, found] of groups) expect(found).toEqual(wanted(all.filter((q) => values[q] === value)));
        const rows = new Set([...overall, ...[...groups.values()].flat()].flat().map(({ row }) => row));
        expect([...results!.rows].sort((a, b) => a - b)).toEqual([...rows].sort((a, b) => a - b));
        for (const [i, row] of results!.rows.entries()) expect(results!.pick([i]).equals(rr.pick([rr.rows.indexOf(row)]))).toBe(true);
      }),
    );
  });

  it('are none where there are no queries', () => {
    const { overall, groups, results } = new Accumulator(worstResults({ metrics, count: 3 })).value();
    expect([overall, groups.size, results]).toEqual([[[], []], 0, undefined]);
  });
});
