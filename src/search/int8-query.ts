import type { QueryFrame } from './bound.js';
import { squaredNorm } from './canonical.js';
import { type Frame, place } from './int8-pack.js';

/** What bytes of a query mean: byte - ZERO is the integer. */
export const ZERO = 128;

/** A query of the int8 pass: x is about scale * (bytes - ZERO). */
export interface PackedQuery extends QueryFrame {
  /** The factor of the integer products: scale, twice that for l2 and cosine. */
  readonly factor: number;
  /** Coefficients of a group's residual and norm in the error of its scores, rounded up. */
  readonly r: number;
  readonly h: number;
  /** Its numbers are too large for float32 scores, or it is zero where that has a meaning of its own: only brute force is sure. */
  readonly brute: boolean;
}

/** Beyond it squares and their sums could overflow float32. */
const LARGEST_NORM = 1e18;

/**
 * Packs queries one at a time.
 * @param largest the largest norm of a gallery row in the fast pass
 */
export function queryPacker(frame: Frame, largest: number, dim: number): (vector: Float32Array, bytes: Uint8Array) => PackedQuery {
  const x = new Float64Array(dim);
  const centre = Math.sqrt(squaredNorm(frame.mean));
  const still: Frame = { distance: frame.distance, mean: new Float64Array(dim) };
  const times = frame.distance === 'ip' ? 1 : 2;
  return (vector, bytes) => {
    // An inner product is moved by the mean of the gallery alone: -xy = -x(y - m) - xm.
    place(vector, frame.distance === 'ip' ? still : frame, x);
    let most = 0;
    for (let i = 0; i < dim; i++) most = Math.max(most, Math.abs(x[i]));
    const scale = Math.fround(most / 127);
    let [square, error, near, shift] = [0, 0, 0, 0];
    for (let i = 0; i < dim; i++) {
      const q = scale === 0 ? 0 : Math.max(-127, Math.min(127, Math.round(x[i] / scale)));
      bytes[i] = q + ZERO;
      const y = scale * q;
      error += (x[i] - y) * (x[i] - y);
      near += y * y;
      square += x[i] * x[i];
      shift -= x[i] * frame.mean[i];
    }
    const norm = Math.sqrt(square);
    return {
      square,
      reach: frame.distance === 'ip' ? norm * (largest + 2 * centre) : norm + largest + 2 * centre,
      shift: frame.distance === 'ip' ? shift : 0,
      factor: times * scale,
      r: times * norm * (1 + 2 ** -19),
      h: times * (Math.sqrt(error) + 2 ** -20 * Math.sqrt(near)) * (1 + 2 ** -19),
      brute: !(norm < LARGEST_NORM) || !(largest < LARGEST_NORM),
    };
  };
}
