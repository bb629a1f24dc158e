import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Picture } from '../../../src/models/transforms/index.js';
import { acrossColumns, acrossRows, WEIGHT_BITS, Weights } from '../../../src/models/transforms/resample.js';

const clamped = (sum: number) => Math.min(255, Math.max(0, (sum + 2 ** (WEIGHT_BITS - 1)) >> WEIGHT_BITS));

/** One byte of what is asked for, byte by byte. */
function mixed({ starts, counts, values, most }: Weights, at: number, byteOf: (old: number) => number): number {
  let sum = 0;
  for (let k = 0; k < counts[at]; k++) sum += Math.imul(byteOf(starts[at] + k), values[at * most + k]);
  return clamped(sum);
}

const picture = fc
  .record({ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 23 }), channels: fc.constantFrom(1, 3) })
  .chain(({ width, height, channels }) => {
    const length = width * height * channels;
    return fc.uint8Array({ minLength: length, maxLength: length }).map((data): Picture => ({ data, width, height, channels }));
  });

/** Runs of weights that sum to about 1, some below 0, as those of a cubic kernel; and how the sides become. */
function weightsFor(from: number): fc.Arbitrary<Weights> {
  const weight = fc.double({ min: -0.3, max: 1.3, noNaN: true }).map((w) => Math.round(w * 2 ** WEIGHT_BITS));
  const run = fc.integer({ min: 0, max: from - 1 }).chain((start) => {
    const most = Math.min(5, from - start);
    return fc.record({ start: fc.constant(start), values: fc.array(weight, { minLength: 1, maxLength: most }) });
  });
  return fc.array(run, { minLength: 1, maxLength: 30 }).map((runs) => {
    const made = new Weights(runs.length, 5);
    for (const [i, { start, values }] of runs.entries()) {
      made.starts[i] = start;
      made.counts[i] = values.length;
      made.values.set(values, i * 5);
    }
    return made;
  });
}

describe('weighted sums of pixels', () => {
  it('are those of each byte by itself, across columns', () => {
    fc.assert(
      fc.property(
        picture.chain((p) => fc.tuple(fc.constant(p), weightsFor(p.width))),
        ([{ data, width, height, channels }, weights]) => {
          const out = acrossColumns({ data, width, height, channels }, weights);
          const expected = Array.from({ length: height * weights.size * channels }, (_, i) => {
            const [c, x, y] = [i % channels, Math.floor(i / channels) % weights.size, Math.floor(i / channels / weights.size)];
            return mixed(weights, x, (old) => data[(y * width + old) * channels + c]);
          });
          expect(out).toEqual({ data: Uint8Array.from(expected), width: weights.size, height, channels });
        },
      ),
    );
  });

  it('are those of each byte by itself, across rows', () => {
    fc.assert(
      fc.property(
        picture.chain((p) => fc.tuple(fc.constant(p), weightsFor(p.height))),
        ([{ data, width, height, channels }, weights]) => {
          const out = acrossRows({ data, width, height, channels }, weights);
          const line = width * channels;
          const expected = Array.from({ length: line * weights.size }, (_, i) =>
            mixed(weights, Math.floor(i / line), (old) => data[old * line + (i % line)]),
          );
          expect(out).toEqual({ data: Uint8Array.from(expected), width, height: weights.size, channels });
        },
      ),
    );
  });
});
