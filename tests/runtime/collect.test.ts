import { describe, expect, it } from 'vitest';
import { collectGarbage } from '../../src/runtime/collect.js';

describe('collectGarbage', () => {
  it('frees what nothing holds, and leaves no gc behind', async () => {
    const kept = { memory: new SharedArrayBuffer(8) };
    const [held, dropped] = [new WeakRef(kept), new WeakRef({ memory: new SharedArrayBuffer(8) })];
    // A weak reference holds its target until the end of the turn.
    await new Promise(setImmediate);
    collectGarbage();
    expect(dropped.deref()).toBeUndefined();
    expect(held.deref()).toBe(kept);
    expect('gc' in globalThis).toBe(false);
  });
});
