import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Scratch } from '../../src/runtime/scratch.js';

const asked = fc.array(fc.record({ length: fc.nat(200), kind: fc.constantFrom('floats', 'ints') }), { minLength: 1, maxLength: 20 });

describe('Scratch', () => {
  it('gives views of the length asked for, of one memory that is replaced only when it is too small', () => {
    fc.assert(
      fc.property(fc.boolean(), asked, (shared, requests) => {
        const scratch = new Scratch(shared);
        let [largest, last] = [0, undefined as ArrayBufferLike | undefined];
        for (const { length, kind } of requests) {
          const view = kind === 'floats' ? scratch.floats(length) : scratch.ints(length);
          expect(view).toBeInstanceOf(kind === 'floats' ? Float32Array : Int32Array);
          expect([view.length, view.byteOffset]).toEqual([length, 0]);
          expect(view.buffer).toBeInstanceOf(shared ? SharedArrayBuffer : ArrayBuffer);
          if (last && length <= largest) expect(view.buffer).toBe(last);
          [largest, last] = [Math.max(largest, length), view.buffer];
        }
      }),
    );
  });

  it('shows in one view what was written through another', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: 1 }), (shared, values) => {
        const scratch = new Scratch(shared);
        scratch.ints(values.length).set(values);
        const bits = new Int32Array(scratch.floats(values.length).buffer, 0, values.length);
        expect([...bits]).toEqual(values);
      }),
    );
  });
});
