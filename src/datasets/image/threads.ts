import { availableParallelism } from 'node:os';
import type { PictureTensor } from '../../models/transforms/index.js';
import { built } from '../../runtime/built.js';
import { Pool } from '../../runtime/pool.js';
import { Thread } from '../../runtime/thread.js';
import { DECODING_THREADS } from './decode.js';
import type { PictureRequest, ShownPicture } from './worker.js';

/** More threads than these are of no use: what they do beside decoding is the smaller part. */
const MOST_THREADS = 8;

interface Answers {
  readonly load: PictureTensor;
  readonly show: ShownPicture;
}

/** Threads of the whole process, each started when it is first needed: an idle one keeps no process alive. */
const threads: { thread?: Thread }[] = Array.from({ length: Math.min(MOST_THREADS, availableParallelism()) }, () => ({}));

/** As many pictures at one time as keep all busy: one for each thread, and one for each of those that decode. */
const pool = new Pool(Array.from({ length: threads.length + DECODING_THREADS }, (_, i) => threads[i % threads.length]));

/** Asks a thread that is free, or waits for one. @throws UserError as `decodePicture`, for a file that cannot be read, and for a box outside it */
export function askPictureThread<M extends keyof Answers>(method: M, request: PictureRequest): Promise<Answers[M]> {
  return pool.with((slot) => {
    if (!slot.thread || slot.thread.ended) slot.thread = new Thread(built(import.meta.url, 'worker.js'));
    return slot.thread.call(method, request);
  });
}
