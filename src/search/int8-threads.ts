import { built } from '../runtime/built.js';
import { Thread } from '../runtime/thread.js';

/** Lanes that wait for the next search: to start one and have it compiled takes longer than the search of a small gallery (measured: 0.25 s and 0.07 s). */
const idle: Thread[] = [];

/** Threads of lanes, idle ones first. */
export function takeLanes(count: number): Thread[] {
  return Array.from({ length: count }, () => idle.pop() ?? new Thread(built(import.meta.url, 'int8-worker.js')));
}

/**
 * Has the threads finish what they were asked, and give their sessions back.
 * @param keep whether they may wait for the next search
 * @param most idle threads
 */
export async function giveBackLanes(threads: readonly Thread[], keep: boolean, most: number): Promise<void> {
  await Promise.all(
    threads.map(async (thread) => {
      if (!keep) return thread.finish('release');
      const released = await thread.call('release', { kept: true }).then(
        () => true,
        () => false,
      );
      if (released && idle.length < most) idle.push(thread);
      else await thread.close();
    }),
  );
}
