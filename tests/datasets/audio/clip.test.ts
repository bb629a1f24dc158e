import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heardOf, padded } from '../../../src/datasets/audio/clip.js';

const noise = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * i));

describe('a clip', () => {
  it('begins at start_time as if the file began there, at every sample rate', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(8000, 16_000, 44_100),
        fc.integer({ min: 1, max: 20_000 }),
        fc.nat({ max: 19_999 }),
        fc.integer({ min: 1, max: 8000 }),
        async (rate, length, at, samples) => {
          const first = Math.min(at, length - 1);
          const options = { sampleRate: 16_000, samples };
          const heard = await heardOf({ samples: noise(length), rate }, first / rate, options);
          expect(heard).toEqual(await heardOf({ samples: noise(length).slice(first), rate }, 0, options));
          expect(heard.length).toBe(Math.min(samples, Math.ceil(((length - first) * 16_000) / rate)));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('is as long as it should be, with zeros before what is heard', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), fc.nat({ max: 50 }), (length, missing) => {
        const clip = padded(noise(length), { sampleRate: 1, samples: length + missing });
        expect(clip).toEqual(Float32Array.of(...new Float32Array(missing), ...noise(length)));
      }),
    );
  });

  it('does not begin behind the end of the sound', async () => {
    const options = { sampleRate: 16_000, samples: 100 };
    const message = 'start_time 2 is beyond the end of the sound, 2 s';
    await expect(heardOf({ samples: noise(16_000), rate: 8000 }, 2, options)).rejects.toThrow(message);
    expect((await heardOf({ samples: noise(16_000), rate: 16_000 }, 15_999 / 16_000, options)).length).toBe(1);
  });
});
