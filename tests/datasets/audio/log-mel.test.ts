import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logMel, melBands } from '../../../src/datasets/audio/log-mel.js';
import type { MelOptions } from '../../../src/datasets/audio/options.js';
import { ROOT } from '../../support/cli.js';

interface Case {
  readonly name: string;
  readonly rate: number;
  readonly n_fft: number;
  readonly hop: number;
  readonly mels: number;
  readonly fmin: number;
  readonly fmax: number;
  readonly samples: readonly number[];
  readonly shape: readonly [mels: number, frames: number];
  readonly values: readonly number[];
}

const { cases } = JSON.parse(readFileSync(join(ROOT, 'tests/fixtures/audio/log-mel.json'), 'utf8')) as { cases: readonly Case[] };

const melOptions = fc
  .record({
    sampleRate: fc.constantFrom(8000, 16_000, 22_050),
    fftSize: fc.constantFrom(8, 32, 64),
    hop: fc.integer({ min: 1, max: 40 }),
    mels: fc.integer({ min: 1, max: 12 }),
    minFrequency: fc.double({ min: 0, max: 1000, noNaN: true }),
    span: fc.double({ min: 0.2, max: 1, noNaN: true }),
  })
  .map(({ span, ...options }): MelOptions => {
    const { sampleRate, minFrequency } = options;
    return { ...options, maxFrequency: minFrequency + span * (sampleRate / 2 - minFrequency) };
  });

/** By the definition: a sum over all samples for each bin, and a weight for each bin of each band. */
function naive(waveform: Float32Array, { sampleRate, fftSize, hop, mels, minFrequency, maxFrequency }: MelOptions): number[][] {
  const mel = (f: number) => 2595 * Math.log10(1 + f / 700);
  const inverse = (m: number) => 700 * (10 ** (m / 2595) - 1);
  const corner = (i: number) => inverse(mel(minFrequency) + ((mel(maxFrequency) - mel(minFrequency)) * i) / (mels + 1));
  const at = (i: number) => waveform[i < 0 ? -i : i >= waveform.length ? 2 * waveform.length - 2 - i : i];
  const frames = Array.from({ length: 1 + Math.floor(waveform.length / hop) }, (_, f) =>
    Array.from({ length: fftSize / 2 + 1 }, (_, bin) => {
      let [re, im] = [0, 0];
      for (let n = 0; n < fftSize; n++) {
        const x = at(f * hop + n - fftSize / 2) * Math.sin((Math.PI * n) / fftSize) ** 2;
        re += x * Math.cos((2 * Math.PI * bin * n) / fftSize);
        im -= x * Math.sin((2 * Math.PI * bin * n) / fftSize);
      }
      return re * re + im * im;
    }),
  );
  return Array.from({ length: mels }, (_, m) =>
    frames.map((power) => {
      const [from, middle, to] = [corner(m), corner(m + 1), corner(m + 2)];
      const sum = power.reduce((all, value, bin) => {
        const f = (bin * sampleRate) / fftSize;
        const weight = f <= middle ? (f - from) / (middle - from) : (to - f) / (to - middle);
        return all + Math.max(0, weight) * value;
      }, 0);
      return Math.log(1 + sum);
    }),
  );
}

describe('logMel', () => {
  it.each(cases.map((one) => [one.name, one] as const))(
    'is what torch and torchaudio compute: %s',
    (_, { shape, values, samples, ...given }) => {
      const { rate: sampleRate, n_fft: fftSize, hop, mels, fmin: minFrequency, fmax: maxFrequency } = given;
      const options = { sampleRate, fftSize, hop, mels, minFrequency, maxFrequency };
      const got = logMel(options)(Float32Array.from(samples, (sample) => sample / 32768));
      expect(got.length).toBe(shape[0] * shape[1]);
      // torch computes in float32, and the fixture has five digits behind the point.
      const worst = got.reduce((most, value, i) => Math.max(most, Math.abs(value - values[i])), 0);
      expect(worst).toBeLessThan(5e-5);
      expect(Math.max(...values)).toBeGreaterThan(3);
    },
  );

  it('is what the definition says', () => {
    fc.assert(
      fc.property(
        melOptions,
        fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 33, maxLength: 120 }),
        (options, samples) => {
          const waveform = Float32Array.from(samples);
          const expected = naive(waveform, options).flat();
          const got = logMel(options)(waveform);
          expect(got.length).toBe(expected.length);
          expected.forEach((value, i) => {
            expect(Math.abs(got[i] - value)).toBeLessThan(1e-6 * (1 + value));
          });
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('melBands', () => {
  it('sum to 1 between the middle of the lowest band and that of the highest', () => {
    fc.assert(
      fc.property(melOptions, (options) => {
        const [lowest, highest] = [options.minFrequency, options.maxFrequency].map((f) => 2595 * Math.log10(1 + f / 700));
        const step = (highest - lowest) / (options.mels + 1);
        const sums = new Float64Array(options.fftSize / 2 + 1);
        for (const { first, weights } of melBands(options)) for (const [i, weight] of weights.entries()) sums[first + i] += weight;
        sums.forEach((sum, bin) => {
          const mel = 2595 * Math.log10(1 + (bin * options.sampleRate) / options.fftSize / 700);
          if (mel >= lowest + step && mel <= highest - step) expect(sum).toBeCloseTo(1, 9);
          else if (mel <= lowest || mel >= highest) expect(sum).toBeLessThan(1e-9);
          else expect(sum).toBeLessThan(1);
        });
      }),
    );
  });
});
