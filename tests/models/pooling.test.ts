import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toFloat16 } from '../../src/models/float16.js';
import { POOLINGS, type Pooling } from '../../src/models/model-spec.js';
import { normaliseRows, pool } from '../../src/models/pooling.js';
import type { Tensor } from '../../src/runtime/onnx-session.js';

const DIM = 3;
const value = fc.float({ min: -100, max: 100, noNaN: true });
/** The tokens of one item. */
const item = fc.array(fc.array(value, { minLength: DIM, maxLength: DIM }), { minLength: 1, maxLength: 5 });
const batch = fc.array(item, { minLength: 1, maxLength: 4 });
const pooling = fc.constantFrom(...POOLINGS);

/** Items padded to the longest and `more`, with garbage behind (or before) their tokens. */
function padded(items: readonly number[][][], more: number, left = false): { output: Tensor; mask: Tensor } {
  const tokens = Math.max(...items.map((one) => one.length)) + more;
  const padding = (one: number[][]) => Array.from({ length: tokens - one.length }, (_, i) => Array.from({ length: DIM }, () => 1000 + i));
  const around = <T>(own: T[], fill: T[]) => (left ? [...fill, ...own] : [...own, ...fill]);
  const values = items.flatMap((one) => around(one, padding(one)));
  const bits = items.flatMap((one) =>
    around(
      one.map(() => 1n),
      padding(one).map(() => 0n),
    ),
  );
  return {
    output: { type: 'float32', data: Float32Array.from(values.flat()), dims: [items.length, tokens, DIM] },
    mask: { type: 'int64', data: BigInt64Array.from(bits), dims: [items.length, tokens] },
  };
}

function naive(how: Pooling, tokens: readonly number[][]): number[] {
  return Array.from({ length: DIM }, (_, i) => {
    const values = tokens.map((token) => Math.fround(token[i]));
    if (how === 'cls') return values[0];
    return Math.fround(how === 'max' ? Math.max(...values) : values.reduce((sum, x) => sum + x, 0) / values.length);
  });
}

describe('pool', () => {
  it('equals its definition for every item, whatever the padding holds, how long it is, and on which side', () => {
    fc.assert(
      fc.property(batch, pooling, fc.nat(3), fc.boolean(), (items, how, more, left) => {
        const { output, mask } = padded(items, more, left);
        const { data, rows, dim } = pool(how, output, mask);
        expect([rows, dim]).toEqual([items.length, DIM]);
        expect([...data]).toEqual(items.flatMap((tokens) => naive(how, tokens)));
      }),
    );
  });

  it('needs no mask where nothing is padded', () => {
    fc.assert(
      fc.property(item, pooling, (tokens, how) => {
        const { output } = padded([tokens], 0);
        expect([...pool(how, output, undefined).data]).toEqual(naive(how, tokens));
      }),
    );
  });

  it('gives a single token back, and a maximum that does not depend on the order of the tokens, nor the mean but for its rounding', () => {
    fc.assert(
      fc.property(item, (tokens) => {
        const one = padded([[tokens[0]]], 2);
        for (const how of POOLINGS) expect([...pool(how, one.output, one.mask).data]).toEqual(tokens[0].map(Math.fround));
        const [there, back] = [tokens, tokens.toReversed()].map((all) => padded([all], 1));
        expect(pool('max', there.output, there.mask)).toEqual(pool('max', back.output, back.mask));
        const [mean, again] = [there, back].map(({ output, mask }) => pool('mean', output, mask).data);
        mean.forEach((x, i) => {
          expect(x).toBeCloseTo(again[i], 4);
        });
      }),
    );
  });

  it('takes half precision and int32 masks', () => {
    const output: Tensor = { type: 'float16', data: toFloat16(Float32Array.of(1, 2, 3, 4, 100, 100)), dims: [1, 3, 2] };
    const mask: Tensor = { type: 'int32', data: Int32Array.of(1, 1, 0), dims: [1, 3] };
    expect(pool('mean', output, mask)).toEqual({ data: Float32Array.of(2, 3), rows: 1, dim: 2 });
  });

  it('refuses what it cannot pool', () => {
    const { output, mask } = padded([[[1, 2, 3]]], 1);
    expect(() => pool('mean', { ...output, dims: [1, 6] }, mask)).toThrow(
      'mean pooling takes float32 or float16 [batch, tokens, dim], and the model gives float32 [1, 6]',
    );
    expect(() => pool('cls', output, { ...mask, dims: [2, 1] })).toThrow('cls pooling of [1, 2, 3] takes a mask [1, 2], not [2, 1]');
    expect(() => pool('max', output, { ...mask, data: BigInt64Array.of(0n, 0n) })).toThrow('item 0 of the batch has no tokens to take');
  });
});

describe('normaliseRows', () => {
  it('makes the length 1, keeps the direction and leaves its input as it is', () => {
    fc.assert(
      fc.property(fc.array(fc.array(value, { minLength: DIM, maxLength: DIM }), { maxLength: 4 }), (rows) => {
        const data = Float32Array.from(rows.flat());
        const before = data.slice();
        const unit = normaliseRows({ data, rows: rows.length, dim: DIM });
        expect(data).toEqual(before);
        for (let r = 0; r < rows.length; r++) {
          const [x, u] = [data, unit.data].map((all) => all.subarray(r * DIM, (r + 1) * DIM));
          const length = Math.hypot(...x);
          if (length > 1e-12) expect(Math.hypot(...u)).toBeCloseTo(1, 6);
          x.forEach((own, i) => {
            expect(u[i]).toBe(Math.fround(own / Math.max(Math.sqrt(x.reduce((sum, v) => sum + v * v, 0)), 1e-12)));
          });
        }
      }),
    );
  });

  it('leaves a zero vector zero', () => {
    expect(normaliseRows({ data: Float32Array.of(0, 0, 3, 4), rows: 2, dim: 2 }).data).toEqual(Float32Array.of(0, 0, 0.6, 0.8));
  });
});
