import { describe, expect, it } from 'vitest';
import { release } from '../../src/runtime/release.js';

describe('release', () => {
  it('takes the memory of a buffer away', () => {
    const buffer = new ArrayBuffer(1024);
    release(buffer);
    expect(buffer.byteLength).toBe(0);
  });
});
