import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultBatch } from '../../src/datasets/default-batch.js';

describe('how many items go into one run', () => {
  it('is 64, and on the CPU the most of large ones that make 16 MiB', () => {
    expect(defaultBatch({ device: 'cpu' }, {})).toBe(64);
    expect(defaultBatch({ device: 'cpu' }, { itemBytes: 4 * 3 * 224 * 224 })).toBe(16);
    expect(defaultBatch({ device: 'webgpu' }, { itemBytes: 4 * 3 * 224 * 224 })).toBe(64);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 27 }), (itemBytes) => {
        const batch = defaultBatch({ device: 'cpu' }, { itemBytes });
        expect([1, 2, 4, 8, 16, 32, 64]).toContain(batch);
        expect(batch === 1 || batch * itemBytes <= 2 ** 24).toBe(true);
        expect(batch === 64 || 2 * batch * itemBytes > 2 ** 24).toBe(true);
      }),
    );
  });
});
