import type { IdTable } from '../../data/id-table.js';

/**
 * Puts one list after the other in trec_eval's order: score descending, compared as float32 (as trec_eval 9 and pytrec_eval do; 10.0-rc3 compares
 * doubles, which only tells apart scores that float32 does not), equal scores by document id descending, bytewise.
 */
export class TrecOrder {
  #keys = new BigUint64Array(256);
  /** The halves of the keys: low is a position, high an integer that orders as the negated score does. */
  #halves = new Uint32Array(this.#keys.buffer);
  readonly #score = new Float32Array(1);
  readonly #bits = new Uint32Array(this.#score.buffer);

  constructor(private readonly documents: IdTable) {}

  /** @returns the positions [from, to) in order; a view, good until the next call */
  positions(ids: Int32Array, scores: Float32Array, from: number, to: number): Uint32Array {
    const count = to - from;
    if (count > this.#keys.length) {
      this.#keys = new BigUint64Array(2 ** Math.ceil(Math.log2(count)));
      this.#halves = new Uint32Array(this.#keys.buffer);
    }
    const halves = this.#halves;
    for (let i = 0; i < count; i++) {
      halves[2 * i] = from + i;
      halves[2 * i + 1] = this.#descending(scores[from + i]);
    }
    if (!isAscending(halves, count)) this.#keys.subarray(0, count).sort();
    // The positions move to the front: entry i is read before it is overwritten, since i <= 2 i.
    for (let i = 0; i < count; i++) halves[i] = halves[2 * i];
    const order = halves.subarray(0, count);
    for (let start = 0; start < count; ) {
      let end = start + 1;
      while (end < count && scores[order[end]] === scores[order[start]]) end++;
      if (end - start > 1) order.subarray(start, end).sort((a, b) => this.documents.compare(ids[b], ids[a]));
      start = end;
    }
    return order;
  }

  /** An integer that falls as the score rises; -0 counts as 0. */
  #descending(score: number): number {
    this.#score[0] = score + 0;
    const bits = this.#bits[0];
    return bits >>> 31 ? bits : ~bits & 0x7fffffff;
  }
}

function isAscending(halves: Uint32Array, count: number): boolean {
  for (let i = 1; i < count; i++) if (halves[2 * i + 1] < halves[2 * i - 1]) return false;
  return true;
}
