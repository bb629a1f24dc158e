import { expect, it } from 'vitest';
import { built } from '../../src/runtime/built.js';
import { IdleThreads } from '../../src/runtime/idle-threads.js';

/** Its methods: `release` lets go of what it holds. */
const WORKER = built(import.meta.url.replace('/tests/runtime/', '/src/search/'), 'int8-worker.js');

it('threads are lent again, up to a number; others, and those that fail, are stopped', async () => {
  const threads = new IdleThreads(WORKER, 2);
  const lent = [threads.take(), threads.take(), threads.take()];
  expect(new Set(lent).size).toBe(3);
  await Promise.all(lent.map((thread) => threads.giveBack(thread, 'release', { kept: true })));
  const kept = lent.filter(({ ended }) => !ended);
  expect(kept).toHaveLength(2);
  const again = [threads.take(), threads.take()];
  expect(new Set(again)).toEqual(new Set(kept));
  await threads.giveBack(again[0], 'no such method');
  await again[1].finish('release');
  expect(again.map(({ ended }) => ended)).toEqual([true, true]);
  const fresh = threads.take();
  expect(kept).not.toContain(fresh);
  await fresh.close();
});
