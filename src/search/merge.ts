import { packed } from './blocks.js';
import type { TopK } from './searcher.js';

/**
 * The first k of each query over all blocks so far. The order (distance, gallery row) is total, so that the first k of a gallery are the first k of
 * what each of its blocks has as its first k.
 */
export class MergedTopK {
  readonly #width: number;
  readonly #ids: Int32Array;
  readonly #distances: Float32Array;
  readonly #counts: Int32Array;
  readonly #mergedIds: Int32Array;
  readonly #mergedDistances: Float32Array;
  #retried = 0;

  constructor(queries: number, k: number) {
    this.#width = k;
    this.#ids = new Int32Array(queries * k);
    this.#distances = new Float32Array(queries * k);
    this.#counts = new Int32Array(queries);
    this.#mergedIds = new Int32Array(k);
    this.#mergedDistances = new Float32Array(k);
  }

  /** Takes in the results of a block that follows all blocks before. @param firstRow gallery row of the block's first */
  add(found: TopK, firstRow: number): void {
    for (let q = 0; q < this.#counts.length; q++) this.#merge(q, found, firstRow);
    this.#retried += found.retried;
  }

  #merge(q: number, found: TopK, firstRow: number): void {
    const [ids, distances] = [this.#mergedIds, this.#mergedDistances];
    const start = q * this.#width;
    const end = start + this.#counts[q];
    let [a, b, n] = [start, found.offsets[q], 0];
    while (n < this.#width && (a < end || b < found.offsets[q + 1])) {
      // Rows before the block precede its rows at the same distance.
      if (b === found.offsets[q + 1] || (a < end && this.#distances[a] <= found.distances[b])) {
        ids[n] = this.#ids[a];
        distances[n++] = this.#distances[a++];
      } else {
        ids[n] = firstRow + found.ids[b];
        distances[n++] = found.distances[b++];
      }
    }
    this.#ids.set(ids.subarray(0, n), start);
    this.#distances.set(distances.subarray(0, n), start);
    this.#counts[q] = n;
  }

  /** The results; nothing can be added afterwards. */
  result(): TopK {
    return packed(this.#ids, this.#distances, this.#counts, this.#width, this.#retried);
  }
}
