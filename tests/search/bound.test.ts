import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Arithmetic, CPU_ARITHMETIC, GPU_ARITHMETIC, NO_ARITHMETIC, productError, TF32_ARITHMETIC } from '../../src/search/bound.js';
import { flushed, rounded, truncated } from './arithmetic.js';

/** Machines that multiply vectors in float32, as badly as their arithmetic allows. */
const MACHINES: readonly [name: string, arithmetic: Arithmetic, factor: (x: number) => number, result: (x: number) => number][] = [
  ['to nearest', CPU_ARITHMETIC, (x) => x, Math.fround],
  ['cut off, denormals flushed', GPU_ARITHMETIC, flushed, (x) => flushed(truncated(x, 24))],
  ['factors of TF32, rounded, sums cut off', TF32_ARITHMETIC, (x) => flushed(rounded(x, 11)), (x) => flushed(truncated(x, 24))],
  ['factors of TF32, cut off', TF32_ARITHMETIC, (x) => flushed(truncated(x, 11)), (x) => flushed(truncated(x, 24))],
];

const number = fc.oneof(
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: -60, max: 15 })).map(([x, e]) => x * 10 ** e),
);
const vectors = fc.integer({ min: 1, max: 80 }).chain((dim) => {
  const vector = fc.array(number, { minLength: dim, maxLength: dim }).map((values) => Float32Array.from(values));
  return fc.tuple(vector, vector);
});
const norm = (v: Float32Array) => Math.hypot(...v);

describe('productError', () => {
  it.each(MACHINES)('bounds the error of products %s', (_, arithmetic, factor, result) => {
    fc.assert(
      fc.property(vectors, fc.boolean(), ([x, y], fused) => {
        let [exact, sum] = [0, 0];
        for (let i = 0; i < x.length; i++) {
          exact += x[i] * y[i];
          const product = factor(x[i]) * factor(y[i]);
          sum = result(sum + (fused ? product : result(product)));
        }
        expect(Math.abs(sum - exact)).toBeLessThanOrEqual(productError(x.length, { x: norm(x), y: norm(y) }, arithmetic));
      }),
      { numRuns: 500 },
    );
  });

  it('is not much more than what happens', () => {
    // Every factor loses all but one unit of TF32, in the same direction.
    const [dim, x] = [64, 1 + 2 ** -10 - 2 ** -23];
    const error = dim * (x * x - truncated(x, 11) ** 2);
    expect(error / productError(dim, { x: x * 8, y: x * 8 }, TF32_ARITHMETIC)).toBeGreaterThan(0.9);
  });

  it('covers what flushed numbers lose beside large ones, which the processor does not need', () => {
    const [tiny, large] = [2 ** -127, 2 ** 60];
    expect(productError(1, { x: tiny, y: large }, GPU_ARITHMETIC)).toBeGreaterThan(tiny * large);
    expect(productError(1, { x: tiny, y: large }, CPU_ARITHMETIC)).toBeLessThan(tiny * large * 1e-5);
  });

  it('is infinite where so many terms could lose every digit, and where nothing is known', () => {
    expect(productError(2 ** 23, { x: 1, y: 1 }, CPU_ARITHMETIC)).toBe(Number.POSITIVE_INFINITY);
    expect(productError(1, { x: 0, y: 0 }, NO_ARITHMETIC)).toBe(Number.POSITIVE_INFINITY);
  });
});
