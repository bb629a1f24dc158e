import { describe, expect, it } from 'vitest';
import { release } from '../../src/runtime/release.js';

describe('release', () => {
  it('takes the memory of a buffer away', () => {
    const buffer = new ArrayBuffer(1024);
    release(buffer);
    expect(buffer.byteLength).toBe(0);
  });

  it('gives it back without the collector', () => {
    const size = 2 ** 24;
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 64; i++) {
      const buffer = new ArrayBuffer(size);
      new Uint8Array(buffer).fill(i);
      release(buffer);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * size);
  });
});
