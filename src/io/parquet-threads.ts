import { built } from '../runtime/built.js';
import { IdleThreads } from '../runtime/idle-threads.js';
import type { Thread } from '../runtime/thread.js';

/** Starting one, and compiling parquet-wasm in it, takes 60 ms. */
const threads = new IdleThreads(built(import.meta.url, 'parquet-worker.js'));

/** Lends a thread that reads Parquet while `use` runs. One that failed may be in any state, and is not used again. */
export async function* withParquetThread<T>(use: (thread: Thread) => AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const thread = threads.take();
  try {
    yield* use(thread);
  } catch (error) {
    await thread.close();
    throw error;
  } finally {
    // Without a failure the consumer finished, or left early.
    if (!thread.ended) await threads.giveBack(thread, 'close');
  }
}
