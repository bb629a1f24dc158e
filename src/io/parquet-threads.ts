import { built } from '../runtime/built.js';
import { Thread } from '../runtime/thread.js';

/** Threads that have finished with their files: starting one, and compiling parquet-wasm in it, takes 60 ms. */
const idle: Thread[] = [];

/** Lends a thread that reads Parquet while `use` runs. One that failed may be in any state, and is not used again. */
export async function* withParquetThread<T>(use: (thread: Thread) => AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const thread = idle.pop() ?? new Thread(built(import.meta.url, 'parquet-worker.js'));
  try {
    yield* use(thread);
  } catch (error) {
    await thread.close();
    throw error;
  } finally {
    // Without a failure the consumer finished, or left early.
    if (!thread.ended) {
      await thread.call('close', undefined).catch(() => thread.close());
      if (!thread.ended) idle.push(thread);
    }
  }
}
