import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ceilKey, floatOf, keyOf } from '../../src/data/float-key.js';
import { KeyBins } from '../../src/data/key-bins.js';
import { binAt, PairCounts } from '../../src/data/pair-counts.js';

const float = fc.float({ noNaN: true });
const key = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const range = fc
  .oneof(
    fc.tuple(key, key),
    fc.tuple(key, fc.integer({ min: 0, max: 200_000 })).map(([first, width]) => [first, Math.min(2 ** 32 - 1, first + width)] as const),
  )
  .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));

describe('order-preserving keys', () => {
  it('have the order of the values, and lead back to them', () => {
    fc.assert(
      fc.property(float, float, (a, b) => {
        expect(Math.sign(keyOf(a) - keyOf(b))).toBe(Math.sign(a < b ? -1 : a > b ? 1 : 0));
        expect(floatOf(keyOf(a))).toBe(a + 0);
      }),
    );
    expect(keyOf(-0)).toBe(keyOf(0));
    expect(floatOf(keyOf(1) + 1)).toBe(1 + 2 ** -23);
  });

  it('ceilKey: the smallest float32 that is not below', () => {
    fc.assert(
      fc.property(fc.double({ min: -3e38, max: 3e38, noNaN: true }), (value) => {
        expect(floatOf(ceilKey(value))).toBeGreaterThanOrEqual(value);
        // The key before that of +0 would be -0, and is not used.
        if (ceilKey(value) !== keyOf(0)) expect(floatOf(ceilKey(value) - 1)).toBeLessThan(value);
      }),
    );
  });
});

describe('KeyBins', () => {
  it('are a partition of all keys, in order', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 4 }), fc.array(key, { minLength: 1, maxLength: 40 }), (ranges, keys) => {
        const bins = new KeyBins(ranges);
        expect(bins.firstKey(0)).toBe(0);
        expect(bins.lastKey(bins.count - 1)).toBe(2 ** 32 - 1);
        for (const k of [...keys, ...ranges.flatMap(({ first, last }) => [first, last]), 2 ** 32 - 1]) {
          const bin = bins.binOf(k);
          expect(bins.firstKey(bin)).toBeLessThanOrEqual(k);
          expect(bins.lastKey(bin)).toBeGreaterThanOrEqual(k);
          if (bin > 0) expect(bins.lastKey(bin - 1)).toBe(bins.firstKey(bin) - 1);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('hold one value in ranges of up to 2^20 keys, and at most 2^16 elsewhere', () => {
    const bins = new KeyBins([{ first: keyOf(1), last: keyOf(1) + 2 ** 20 - 1 }]);
    expect(bins.isSingle(bins.binOf(keyOf(1)))).toBe(true);
    expect(bins.isSingle(bins.binOf(keyOf(1) + 2 ** 20 - 1))).toBe(true);
    const outside = bins.binOf(keyOf(0.7));
    expect(bins.lastKey(outside) - bins.firstKey(outside)).toBe(2 ** 16 - 1);
    expect(new KeyBins().count).toBe(2 ** 16);
  });

  it('are cut where it is asked, and keep single values', () => {
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 5 }), fc.array(key, { minLength: 1, maxLength: 5 }), (first, second) => {
        const once = new KeyBins().cut(first.map((k) => new KeyBins().binOf(k)));
        const twice = once.cut(second.map((k) => once.binOf(k)));
        for (const k of [...first, ...second]) expect(twice.isSingle(twice.binOf(k))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});

describe('PairCounts', () => {
  it('merge, are saved and read back, and are refused with other bins', () => {
    const bins = new KeyBins([{ first: keyOf(0.5), last: keyOf(0.5) + 10 }]);
    const counts = new PairCounts(bins);
    counts.add(Float32Array.of(0.5, 0.5, 2), true);
    const other = new PairCounts(new KeyBins(bins.ranges));
    other.add(Float32Array.of(0.25, 0.5), false);
    counts.merge(other);
    const back = PairCounts.fromJSON(JSON.parse(JSON.stringify(counts)));
    expect(JSON.stringify(back)).toBe(JSON.stringify(counts));
    expect([back.totalPositives, back.totalNegatives]).toEqual([3, 2]);
    expect(() => counts.merge(new PairCounts(new KeyBins()))).toThrow('by different bins do not join');
    expect(() => PairCounts.fromJSON({ ranges: [] })).toThrow('these are no saved counts of pairs: positives');
    expect(() => PairCounts.fromJSON({ ranges: [], positives: [[70_000, 1]], negatives: [] })).toThrow('there is no bin 70000');
  });

  it('binAt finds the order statistics', () => {
    expect([0, 1, 2, 3].map((index) => binAt(Float64Array.of(0, 2, 0, 2), index))).toEqual([1, 1, 3, 3]);
    expect(() => binAt(Float64Array.of(1), 1)).toThrow(RangeError);
  });
});
