import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldOf, positionsByFold } from '../../src/metrics/folds.js';

const rows = Array.from({ length: 3000 }, (_, i) => i);

describe('folds', () => {
  it('are a partition that does not depend on batches or order', () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 32 - 1 })),
        fc.integer({ min: 2, max: 7 }),
        fc.nat(),
        (queries, folds, seed) => {
          const positions = positionsByFold(queries, folds, seed);
          expect(positions).toHaveLength(folds);
          expect(positions.flat().sort((a, b) => a - b)).toEqual([...queries.keys()]);
          positions.forEach((some, fold) => {
            for (const q of some) expect(foldOf(queries[q], folds, seed)).toBe(fold);
          });
        },
      ),
    ));

  it('are about as large as each other, and others for another seed', () => {
    for (const folds of [2, 3, 5]) {
      for (const some of positionsByFold(rows, folds, 7)) expect(Math.abs(some.length - 3000 / folds)).toBeLessThan(150);
    }
    // Of two seeds that have nothing to do with each other, a query has the same fold of two in half of the cases.
    const kept = rows.filter((row) => foldOf(row, 2, 0) === foldOf(row, 2, 1));
    expect(Math.abs(kept.length - 1500)).toBeLessThan(150);
  });

  it('refuses fewer than two', () => {
    expect(() => foldOf(3, 1)).toThrow('folds must be an integer of at least 2, not 1');
    expect(() => positionsByFold([3], 2.5)).toThrow('not 2.5');
  });
});
