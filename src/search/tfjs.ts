import { UserError } from '../data/errors.js';
import type { Gallery } from '../data/gallery.js';
import type { Distance } from '../data/matrix.js';
import type { Arithmetic } from './bound.js';
import { engineSearcher } from './engine-searcher.js';
import { FloatEngine } from './float-engine.js';
import type { Searcher } from './searcher.js';
import type { Tensor, Tensorflow } from './tensorflow.js';
import { tfjsPasses } from './tfjs-pass.js';

export interface TfjsOptions {
  /** Default `l2`. */
  readonly distance?: Distance;
  /**
   * Unit roundoff of the backend's float32 products, where it is known: 2^-24 for the `cpu` and `wasm` backends, 2^-11 for a GPU that computes in TF32. With it
   * every answer is proven, as docs/exactness.md says, and `exact` is true; a value that is too small makes the proof void.
   */
  readonly roundoff?: number;
  /** Gallery rows of one product, at most: it bounds the block of scores. Default 65,536. */
  readonly columns?: number;
}

/**
 * Exhaustive search by TensorFlow.js, on whatever device its backend runs: float32 products propose candidates, which are re-scored as everywhere.
 * The products are made in the calling thread, where backends on a CPU block the event loop for the time of one block. `close` frees the tensors.
 * @throws UserError for options that are none
 * @example const searcher = await openTfjs(tf, gallery, { distance: 'cosine' })
 */
export async function openTfjs<T extends Tensor>(tf: Tensorflow<T>, gallery: Gallery, options: TfjsOptions = {}): Promise<Searcher> {
  const { distance = 'l2', roundoff, columns } = options;
  if (roundoff !== undefined && !(roundoff > 0 && roundoff < 0.1)) {
    throw new UserError(`roundoff must be the unit roundoff of the backend's products, for example 2 ** -24, not ${roundoff}`);
  }
  if (columns !== undefined && !(Number.isInteger(columns) && columns > 0))
    throw new UserError(`columns must be a positive integer, not ${columns}`);
  await tf.ready();
  const engine = await FloatEngine.open(
    gallery,
    distance,
    tfjsPasses(tf, columns),
    roundoff === undefined ? undefined : async () => arithmetic(roundoff),
  );
  return engineSearcher(gallery, distance, engine, roundoff !== undefined);
}

/** Of a backend of which no more is known than its roundoff. */
function arithmetic(u: number): Arithmetic {
  return { u, factors: 0, flushes: true };
}
