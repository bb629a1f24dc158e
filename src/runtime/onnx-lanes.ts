import { OnnxSession, type SessionOptions } from './onnx-session.js';
import { Pool } from './pool.js';
import { threadCount } from './thread-count.js';

/** What runs a model: a session, or several as one. */
export type OnnxRunner = Pick<OnnxSession, 'device' | 'inputs' | 'outputs' | 'run' | 'close'>;

const LANES = 2;
/** Runs of a lane that may be asked for at one time, so that the next one waits where the last one is worked on. */
const SEATS = 2;
/** Runs that keep all lanes at work. */
export const RUNS_AHEAD = LANES * SEATS;

/**
 * A model for many runs that follow one another: on the CPU two sessions, each with half of the threads, so that one works while the other one's answer is
 * taken and its next run prepared (a session of all threads stands still meanwhile: measured, 5% of the time on two cores). Holds the model twice.
 * @throws Error as `OnnxSession.open`
 */
export async function openLanes(
  model: Uint8Array | string,
  { threads: asked, device = 'cpu', ...options }: SessionOptions = {},
): Promise<OnnxRunner> {
  const threads = threadCount(asked);
  const count = device === 'cpu' ? Math.min(threads, LANES) : 1;
  const opening = Array.from({ length: count }, (_, lane) =>
    OnnxSession.open(model, { ...options, device, threads: Math.floor((threads + lane) / count) }),
  );
  const outcomes = await Promise.allSettled(opening);
  const lanes = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const close = async () => {
    await Promise.all(lanes.map((lane) => lane.close()));
  };
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) {
    await close();
    throw failed.reason;
  }
  const seats = new Pool(Array.from({ length: SEATS }, () => lanes).flat());
  const { inputs, outputs } = lanes[0];
  return { device, inputs, outputs, run: (...call) => seats.with((lane) => lane.run(...call)), close };
}
