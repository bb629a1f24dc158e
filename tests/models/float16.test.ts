import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromFloat16, toFloat16 } from '../../src/models/float16.js';

const ALL = Uint16Array.from({ length: 65536 }, (_, half) => half);

describe('half precision', () => {
  it('comes back from float32 as it was, for every half', () => {
    const back = toFloat16(fromFloat16(ALL));
    const isNan = (half: number) => (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;
    for (const half of ALL) if (!isNan(half)) expect(back[half]).toBe(half);
    expect(ALL.filter(isNan).every((half) => isNan(back[half]))).toBe(true);
  });

  it('is the nearest half, of two equally near ones the even one', () => {
    const finite = [...fromFloat16(ALL.filter((half) => half < 0x7c00))];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: finite.length - 2 }), fc.constantFrom(0, 0.25, 0.5, 0.75), (i, share) => {
        const value = Math.fround(finite[i] + share * (finite[i + 1] - finite[i]));
        const nearest = share < 0.5 || (share === 0.5 && i % 2 === 0) ? i : i + 1;
        expect([...toFloat16(Float32Array.of(value, -value))]).toEqual([nearest, nearest | 0x8000]);
      }),
    );
  });

  it('knows the values that everyone knows', () => {
    const values = Float32Array.of(0, -0, 1, -2, 1 / 3, 65504, 65519, 65520, 1e-9, Number.NEGATIVE_INFINITY, 2 ** -24);
    expect([...toFloat16(values)]).toEqual([0, 0x8000, 0x3c00, 0xc000, 0x3555, 0x7bff, 0x7bff, 0x7c00, 0, 0xfc00, 1]);
    expect([...fromFloat16(Uint16Array.of(0x3555))]).toEqual([0.333251953125]);
  });
});
