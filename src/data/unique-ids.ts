import type { Vector } from 'apache-arrow';
import { UserError } from './errors.js';

/** Finds equal ids by sorted 64-bit hashes, confirmed on the ids themselves: 8 bytes a row instead of a Set of strings. */
export class UniqueIds {
  #hashes = new BigUint64Array(1024);
  #count = 0;

  /** Takes in the ids of the next rows; null is no id. */
  add(ids: Vector): void {
    for (let i = 0; i < ids.length; i++) {
      const id = ids.get(i);
      if (id === null) continue;
      if (this.#count === this.#hashes.length) {
        const grown = new BigUint64Array(this.#count * 2);
        grown.set(this.#hashes);
        this.#hashes = grown;
      }
      this.#hashes[this.#count++] = hash64(String(id));
    }
  }

  /**
   * @param again the ids once more, from the first row on; looked at only where hashes are equal
   * @throws UserError naming the first id that stands twice, and its rows
   */
  async confirm(again: AsyncIterable<Vector> | Iterable<Vector>, source: string): Promise<void> {
    const sorted = this.#hashes.subarray(0, this.#count).sort();
    const suspects = new Set<bigint>();
    for (let i = 1; i < sorted.length; i++) if (sorted[i] === sorted[i - 1]) suspects.add(sorted[i]);
    if (suspects.size === 0) return;
    const seen = new Map<string, number>();
    let row = 0;
    for await (const ids of again) {
      for (let i = 0; i < ids.length; i++, row++) {
        if (ids.get(i) === null) continue;
        const id = String(ids.get(i));
        if (!suspects.has(hash64(id))) continue;
        const before = seen.get(id);
        if (before !== undefined)
          throw new UserError(`${source}: id "${id}" stands in gallery rows ${before} and ${row}; ids must be unique`);
        seen.set(id, row);
      }
    }
  }
}

const view = new DataView(new ArrayBuffer(8));

/** Two independent 32-bit FNV-1a style hashes side by side. */
function hash64(text: string): bigint {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 0x01000193);
    b = Math.imul(b ^ c, 0x5bd1e995);
    b ^= b >>> 15;
  }
  view.setUint32(0, a >>> 0);
  view.setUint32(4, b >>> 0);
  return view.getBigUint64(0);
}
