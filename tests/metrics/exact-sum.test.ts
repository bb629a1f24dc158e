import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/data/errors.js';
import { ExactSum } from '../../src/metrics/exact-sum.js';
import { random, shuffled } from './support.js';

const view = new DataView(new ArrayBuffer(8));

/** A double in units of the smallest one, 2 ** -1074. */
function units(x: number): bigint {
  view.setFloat64(0, Math.abs(x));
  const bits = view.getBigUint64(0);
  const field = bits >> 52n;
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = field === 0n ? fraction : (fraction + 0x10000000000000n) << (field - 1n);
  return x < 0 ? -magnitude : magnitude;
}

/** The next double up (away from zero) or down of a positive one. */
function neighbour(x: number, step: 1n | -1n): number {
  view.setFloat64(0, x);
  view.setBigUint64(0, view.getBigUint64(0) + step);
  return view.getFloat64(0);
}

const abs = (n: bigint) => (n < 0n ? -n : n);

/** Whether `got` is the double nearest to numerator / n (in units), ties to even, as the definition of rounding says. */
function isNearest(got: number, numerator: bigint, n: bigint): boolean {
  if (numerator < 0n) return isNearest(-got, -numerator, n);
  const limit = units(Number.MAX_VALUE) + (1n << (970n + 1074n));
  if (got === Number.POSITIVE_INFINITY) return numerator >= limit * n;
  if (Object.is(got, -0)) return numerator * 2n <= n;
  const off = (x: number) => abs(units(x) * n - numerator);
  const own = off(got);
  const others =
    got === 0 ? [Number.MIN_VALUE] : got === Number.MAX_VALUE ? [neighbour(got, -1n)] : [neighbour(got, 1n), neighbour(got, -1n)];
  if (got === Number.MAX_VALUE && numerator >= limit * n) return false;
  const even = (units(got) / ulpUnits(got)) % 2n === 0n;
  return others.every((other) => own < off(other) || (own === off(other) && even));
}

function ulpUnits(x: number): bigint {
  return x === 0 ? 1n : units(neighbour(x, 1n)) - units(x);
}

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const subnormal = fc.integer({ min: -1000, max: 1000 }).map((n) => n * Number.MIN_VALUE);
const tame = fc.integer({ min: -100, max: 100 }).chain((a) => fc.integer({ min: 1, max: 100 }).map((b) => a / b));
const number = fc.oneof(
  finite,
  subnormal,
  tame,
  fc.constantFrom(Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 970, -(2 ** 970), -0, 1e100, 1, 2 ** -53),
);
/** Numbers, and the negatives of some of them, so that great parts cancel. */
const numbers = fc.tuple(fc.array(number, { maxLength: 40 }), fc.nat()).map(([xs, seed]) => {
  const next = random(seed);
  return shuffled([...xs, ...xs.filter(() => next() < 0.5).map((x) => -x)], next);
});

function sumOf(xs: readonly number[]): ExactSum {
  const sum = new ExactSum();
  for (const x of xs) sum.add(x);
  return sum;
}

describe('ExactSum', () => {
  it('rounds the exact sum once', () => {
    fc.assert(
      fc.property(numbers, (xs) => {
        const exact = xs.reduce((total, x) => total + units(x), 0n);
        expect(isNearest(sumOf(xs).sum(), exact, 1n)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('rounds the exact mean once', () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 1_000_000 }), (xs, n) => {
        const exact = xs.reduce((total, x) => total + units(x), 0n);
        expect(isNearest(sumOf(xs).mean(n), exact, BigInt(n))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('forgets order, merges and saving', () => {
    fc.assert(
      fc.property(numbers, fc.nat(), (xs, seed) => {
        const next = random(seed);
        const parts = Array.from({ length: 4 }, () => new ExactSum());
        for (const x of shuffled(xs, next)) parts[Math.floor(next() * 4)].add(x);
        parts[2].merge(parts[0]);
        parts[1].merge(ExactSum.fromJSON(parts[3].toJSON()));
        parts[1].merge(parts[2]);
        const straight = sumOf(xs);
        expect(parts[1].toJSON()).toBe(straight.toJSON());
        expect(parts[1].sum()).toBe(straight.sum());
        expect(parts[1].mean(7)).toBe(straight.mean(7));
        expect(ExactSum.fromJSON(straight.toJSON()).toJSON()).toBe(straight.toJSON());
      }),
      { numRuns: 500 },
    );
  });

  it('leaves the other sum of a merge as it was, and doubles when merged with itself', () => {
    const [a, b] = [sumOf([0.1, 1e300, 1e-300]), sumOf([0.2, 1e-20])];
    const before = b.toJSON();
    a.merge(b);
    expect(b.toJSON()).toBe(before);
    b.merge(b);
    expect(b.toJSON()).toBe(sumOf([0.2, 1e-20, 0.2, 1e-20]).toJSON());
  });

  it('knows the cases that plain sums get wrong', () => {
    expect(sumOf([1e100, 1, -1e100]).sum()).toBe(1);
    expect(sumOf(Array(10).fill(0.1)).sum()).toBe(1);
    expect(sumOf([Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE]).sum()).toBe(Number.MAX_VALUE);
    expect(sumOf([Number.MAX_VALUE, Number.MAX_VALUE]).sum()).toBe(Number.POSITIVE_INFINITY);
    expect(sumOf([Number.MAX_VALUE, Number.MAX_VALUE]).mean(2)).toBe(Number.MAX_VALUE);
    expect(sumOf([1, 2 ** -53]).sum()).toBe(1);
    expect(sumOf([1, 2 ** -53, Number.MIN_VALUE]).sum()).toBe(1 + 2 ** -52);
    // The rounded sum divided by 3 would be rounded twice, and is another double.
    expect(sumOf([1, 2 ** -53, 2 ** -54]).mean(3)).toBe(0.33333333333333337);
    expect(Object.is(new ExactSum().sum(), 0)).toBe(true);
    expect(Object.is(sumOf([-Number.MIN_VALUE]).mean(3), 0)).toBe(true);
  });

  it('writes C hexadecimal with an odd mantissa', () => {
    expect([0, -0.75, 6, 0.1, Number.MIN_VALUE].map((x) => sumOf([x]).toJSON())).toEqual([
      '0x0p0',
      '-0x3p-2',
      '0x3p1',
      '0xccccccccccccdp-55',
      '0x1p-1074',
    ]);
    expect(JSON.stringify({ sum: sumOf([0.5, 0.25]) })).toBe('{"sum":"0x3p-2"}');
  });

  it('refuses what is not finite, bad divisors and bad text', () => {
    for (const x of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(() => new ExactSum().add(x)).toThrow(RangeError);
    for (const n of [0, -1, 1.5, Number.NaN]) expect(() => new ExactSum().mean(n)).toThrow(RangeError);
    for (const text of ['', '1', '0x1', '0xp1', '0x1p-1075', '0x1p9999', '0x1p1.5', ' 0x1p1']) {
      expect(() => ExactSum.fromJSON(text), text).toThrow(UserError);
    }
  });
});
