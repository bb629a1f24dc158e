import { floatOf, keyOf } from '../data/float-key.js';

/*
 * The order of results is (float32 distance, gallery row). Each candidate is one 64-bit integer: the distance as an order-preserving key in the
 * upper half, the row in the lower, so that a plain numeric sort gives the order.
 */

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** A list of candidates that grows. */
export class Candidates {
  #keys = new BigUint64Array(0);
  #halves = new Uint32Array(0);
  count = 0;

  /** Makes room for so many more. */
  reserve(more: number): void {
    const needed = this.count + more;
    if (this.#keys.length >= needed) return;
    const grown = new BigUint64Array(Math.max(needed, this.#keys.length * 2, 256));
    grown.set(this.#keys.subarray(0, this.count));
    this.#keys = grown;
    this.#halves = new Uint32Array(grown.buffer);
  }

  /** Adds a candidate; room must have been made. */
  add(distance: number, row: number): void {
    this.#halves[2 * this.count] = row;
    this.#halves[2 * this.count + 1] = keyOf(distance);
    this.count++;
  }

  /** Puts them in order, and forgets all but the first `most`. */
  sort(most: number): void {
    this.#keys.subarray(0, this.count).sort();
    this.count = Math.min(this.count, most);
  }

  row(i: number): number {
    return this.#halves[2 * i];
  }

  distance(i: number): number {
    return floatOf(this.#halves[2 * i + 1]);
  }

  /** Writes all, as they stand, from position `at` on. */
  write(ids: Int32Array, distances: Float32Array, at: number): void {
    for (let i = 0; i < this.count; i++) {
      ids[at + i] = this.row(i);
      distances[at + i] = this.distance(i);
    }
  }
}

/** The next float32 above a finite one. */
export function nextUp(distance: number): number {
  float[0] = distance + 0;
  bits[0] += bits[0] >= 0 ? 1 : -1;
  return float[0] === Number.POSITIVE_INFINITY ? 2 ** 128 : float[0];
}

/** The largest real number that rounds to a float32, or below the next one: whatever is above it is rounded to a greater float32. */
export function upperEdge(distance: number): number {
  return (distance + nextUp(distance)) / 2;
}
