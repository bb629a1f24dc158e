import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFloat32, parseInteger } from '../../../src/io/trec/numbers.js';

/** Parses from the middle of other bytes. */
const within = (parse: (bytes: Uint8Array, from: number, to: number) => number) => (text: string) => {
  const bytes = Buffer.from(`9.9 ${text}9.9`);
  return parse(bytes, 4, bytes.length - 3);
};
const float = within(parseFloat32);
const integer = within(parseInteger);

const digits = (maxLength: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength });
const decimal = fc
  .tuple(
    fc.constantFrom('', '-', '+'),
    digits(25),
    fc.option(digits(25), { nil: undefined }),
    fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e-', 'e+'), fc.nat(60)), { nil: undefined }),
  )
  .filter(([, whole, fraction]) => whole.length + (fraction?.length ?? 0) > 0)
  .map(([sign, whole, fraction, exponent]) => sign + whole + (fraction === undefined ? '' : `.${fraction}`) + (exponent?.join('') ?? ''));

describe('parseFloat32', () => {
  it('is the double that Number reads, rounded to float32', () => {
    fc.assert(
      fc.property(decimal, (text) => {
        expect(float(text)).toBe(Math.fround(Number(text)) + 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('is exact beside the middles between neighbours in float32, in 17 digits and more', () => {
    const bits = new Uint32Array(1);
    const view = new Float32Array(bits.buffer);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0x7f7ffffe }), fc.integer({ min: -3, max: 3 }), fc.nat(1e6), (word, step, tail) => {
        bits[0] = word;
        const low = view[0];
        bits[0] = word + 1;
        const middle = (low + view[0]) / 2;
        const text = `${(middle * (1 + step * Number.EPSILON)).toPrecision(17)}`.replace(/(e|$)/, `${tail}$1`);
        expect(float(text)).toBe(Math.fround(Number(text)));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    '',
    '.',
    '-',
    '+',
    '-.',
    'e5',
    '1e',
    '1e+',
    '1e5.',
    '1.2.3',
    '--1',
    '1-',
    'nan',
    'inf',
    'Infinity',
    '0x10',
    '1_000',
    '1,5',
    '१',
  ])('"%s" is no number', (text) => {
    expect(float(text)).toBeNaN();
    expect(integer(text)).toBeNaN();
  });

  it('is infinite beyond float32, and 0 below it', () => {
    expect(['3.5e38', '-1e39', '1e400', '99999999999999999999999999999999999999999'].map(float)).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
    expect(['1e-60', '-1e-60', '-1e-400', '-0', '-0.000e9'].map(float)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('parseInteger', () => {
  it('reads integers, also written as decimals', () => {
    expect(['0', '1', '-1', '+3', '127', '16777216', '2.0', '3.', '-0'].map(integer)).toEqual([0, 1, -1, 3, 127, 16777216, 2, 3, 0]);
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 24), max: 2 ** 24 }), (n) => {
        expect(integer(`${n}`)).toBe(n);
      }),
    );
  });

  it.each(['0.5', '1.0001', '0.99999999999999999999', '1e3', '16777217', '16777217.0', '-16777218', '99999999999'])(
    '%s is none',
    (text) => {
      expect(integer(text)).toBeNaN();
    },
  );
});
