import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resample } from '../../../src/datasets/audio/resample.js';

const sine = (rate: number, frequency: number, length: number) =>
  Float32Array.from({ length }, (_, i) => 0.8 * Math.sin((2 * Math.PI * frequency * i) / rate));

describe('resample', () => {
  it('keeps a sine, its phase and its height, over all pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(8000, 11_025, 22_050, 44_100, 48_000, 96_000),
        fc.constantFrom(8000, 16_000, 24_000),
        fc.double({ min: 0.01, max: 0.4, noNaN: true }),
        fc.double({ min: 0.1, max: 2.5, noNaN: true }),
        async (from, to, part, seconds) => {
          const frequency = part * Math.min(from, to);
          const length = Math.floor(seconds * to);
          const got = await resample(sine(from, frequency, Math.floor(seconds * from)), from, to, length);
          const expected = sine(to, frequency, length);
          expect(got.length).toBe(length);
          // Near its ends the sine is not one: before and behind it there is silence.
          const edge = Math.ceil(64 * Math.max(1, to / from));
          const gaps = got.subarray(edge, length - edge).map((value, i) => Math.abs(value - expected[edge + i]));
          expect(Math.max(...gaps)).toBeLessThan(1e-4);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('removes what the lower rate cannot hold', async () => {
    const got = await resample(sine(48_000, 12_000, 48_000), 48_000, 16_000, 16_000);
    expect(Math.max(...got.subarray(100, 15_900).map(Math.abs))).toBeLessThan(1e-5);
  });

  it('of a beginning is the beginning of the whole: what comes later changes nothing', async () => {
    const noise = Float32Array.from({ length: 40_000 }, (_, i) => Math.sin(i * i));
    const whole = await resample(noise, 44_100, 16_000, 14_000);
    expect(await resample(noise, 44_100, 16_000, 5000)).toEqual(whole.slice(0, 5000));
  });

  it('does nothing at the same rate, and is silent where there is nothing', async () => {
    expect(await resample(Float32Array.of(1, 2, 3), 7, 7, 5)).toEqual(Float32Array.of(1, 2, 3, 0, 0));
  });

  it.each([1, 4_000_000, 3_999_971])('refuses a rate of %i Hz', async (rate) => {
    await expect(resample(new Float32Array(10), rate, 16_000, 10)).rejects.toThrow(
      `its sample rate of ${rate} Hz cannot be converted to 16000 Hz`,
    );
  });
});
