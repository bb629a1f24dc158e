import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { naturalOrder } from '../../src/metrics/natural-order.js';

const text = fc.oneof(
  fc.string(),
  fc.array(fc.constantFrom('0', '1', '10', 'a', ' ', 'z', '007'), { maxLength: 6 }).map((parts) => parts.join('')),
);

describe('naturalOrder', () => {
  it('sorts numbers by number', () => {
    const sorted = ['', '1', '2', '10', '12345678901234567890', '12345678901234567891', 'a1', 'a01b', 'a1b', 'a2', 'a10', 'b'];
    expect([...sorted].reverse().sort(naturalOrder)).toEqual(sorted);
  });

  it('is a total order', () => {
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        expect(Math.sign(naturalOrder(a, b))).toBe(-Math.sign(naturalOrder(b, a)) + 0);
        expect(naturalOrder(a, b) === 0).toBe(a === b);
        if (naturalOrder(a, b) <= 0 && naturalOrder(b, c) <= 0) expect(naturalOrder(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });
});
