import { makeData, Utf8, Vector } from 'apache-arrow';
import { UserError } from './errors.js';

/** Rows of a table of ids, as the writer of a run needs it. */
export interface Documents {
  /** The id of a row. */
  id(row: number): string;
}

/**
 * Distinct ids, numbered in order of appearance: row 0, 1, 2, ... They stand as UTF-8 bytes one after the other in one buffer, and are found by
 * open addressing, so that millions of them cost their own bytes and about 30 bytes each, and no string is made unless one is asked for.
 */
export class IdTable implements Documents {
  #bytes = new Uint8Array(1 << 12);
  /** Id r is [starts[r], starts[r + 1]) of the bytes. */
  #starts = new Uint32Array(1 << 8);
  /** Pairs (hash, row + 1), the two side by side in a cache line; row + 1 = 0 is a free place. */
  #slots = new Int32Array(1 << 10);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The row of the id `bytes[from, to)`, a new one if it is new. @throws UserError beyond 4 GiB of ids */
  intern(bytes: Uint8Array, from: number, to: number): number {
    return this.#intern(hashOf(bytes, from, to), bytes, from, to);
  }

  /**
   * The rows of many ids: `out[i]` is that of `bytes[starts[i], ends[i])`, for i from 0 to count. Twice as fast as one by one in a large table, where
   * each id waits for memory three times: here the waits of many ids happen at once.
   */
  internAll(bytes: Uint8Array, starts: Int32Array, ends: Int32Array, count: number, out: Int32Array): void {
    for (let first = 0; first < count; first += TOGETHER) {
      const n = Math.min(TOGETHER, count - first);
      for (let i = 0; i < n; i++) hashes[i] = hashOf(bytes, starts[first + i], ends[first + i]);
      this.#touch(n);
      for (let i = 0; i < n; i++) out[first + i] = this.#intern(hashes[i], bytes, starts[first + i], ends[first + i]);
    }
  }

  /** The row of an id; -1 if it is not there. */
  find(bytes: Uint8Array, from = 0, to = bytes.length): number {
    return this.#slots[this.#place(hashOf(bytes, from, to), bytes, from, to) + 1] - 1;
  }

  /** Whether a row has the id `bytes[from, to)`. */
  is(row: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#starts[row];
    const length = to - from;
    if (this.#starts[row + 1] - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.#bytes[start + i] !== bytes[from + i]) return false;
    return true;
  }

  /** The UTF-8 bytes of a row's id: a view, good until the next id is added. */
  bytes(row: number): Uint8Array {
    return this.#bytes.subarray(this.#starts[row], this.#starts[row + 1]);
  }

  id(row: number): string {
    return decoder.decode(this.bytes(row));
  }

  /** Bytewise order of two rows' ids, as `strcmp`: negative when a stands before b. */
  compare(a: number, b: number): number {
    const [startA, startB] = [this.#starts[a], this.#starts[b]];
    const [lengthA, lengthB] = [this.#starts[a + 1] - startA, this.#starts[b + 1] - startB];
    const common = Math.min(lengthA, lengthB);
    for (let i = 0; i < common; i++) {
      const difference = this.#bytes[startA + i] - this.#bytes[startB + i];
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB;
  }

  /** Rows 0, 1, 2, ... in the bytewise order of their ids. */
  sorted(): Int32Array {
    return Int32Array.from({ length: this.#size }, (_, row) => row).sort((a, b) => this.compare(a, b));
  }

  /** The ids of rows as an Arrow column. */
  column(rows: ArrayLike<number>): Vector<Utf8> {
    const valueOffsets = new Int32Array(rows.length + 1);
    for (let i = 0; i < rows.length; i++) valueOffsets[i + 1] = valueOffsets[i] + this.#starts[rows[i] + 1] - this.#starts[rows[i]];
    const data = new Uint8Array(valueOffsets[rows.length]);
    for (let i = 0; i < rows.length; i++) data.set(this.bytes(rows[i]), valueOffsets[i]);
    return new Vector([makeData({ type: new Utf8(), length: rows.length, nullCount: 0, valueOffsets, data })]);
  }

  #intern(hash: number, bytes: Uint8Array, from: number, to: number): number {
    const at = this.#place(hash, bytes, from, to);
    const found = this.#slots[at + 1];
    if (found > 0) return found - 1;
    const row = this.#append(bytes, from, to);
    this.#slots[at] = hash;
    this.#slots[at + 1] = row + 1;
    // At most two thirds full.
    if (this.#size * 3 > this.#slots.length) this.#grow();
    return row;
  }

  /** Reads what `#intern` will read for the first n hashes, so that it is in the cache by then. The loads of a loop do not depend on each other. */
  #touch(n: number): void {
    const mask = this.#slots.length - 2;
    for (let i = 0; i < n; i++) touched[i] = this.#slots[((hashes[i] << 1) & mask) + 1];
    for (let i = 0; i < n; i++) touched[i] = this.#starts[Math.max(0, touched[i] - 1)];
    for (let i = 0; i < n; i++) touched[i] = this.#bytes[touched[i]];
  }

  /** Where the id stands among the slots, or the free place where it would. */
  #place(hash: number, bytes: Uint8Array, from: number, to: number): number {
    const slots = this.#slots;
    const mask = slots.length - 2;
    let at = (hash << 1) & mask;
    for (;;) {
      const row = slots[at + 1] - 1;
      if (row < 0 || (slots[at] === hash && this.is(row, bytes, from, to))) return at;
      at = (at + 2) & mask;
    }
  }

  #append(bytes: Uint8Array, from: number, to: number): number {
    const start = this.#starts[this.#size];
    const end = start + to - from;
    if (end > 0xffffffff) throw new UserError('more than 4 GiB of ids in one file; split it');
    if (end > this.#bytes.length) this.#bytes = larger(this.#bytes, end);
    for (let i = from, o = start; i < to; i++, o++) this.#bytes[o] = bytes[i];
    const row = this.#size++;
    if (this.#size === this.#starts.length) this.#starts = larger(this.#starts, this.#size + 1);
    this.#starts[this.#size] = end;
    return row;
  }

  #grow(): void {
    const before = this.#slots;
    const slots = new Int32Array(before.length * 2);
    const mask = slots.length - 2;
    for (let i = 0; i < before.length; i += 2) {
      if (before[i + 1] === 0) continue;
      let at = (before[i] << 1) & mask;
      while (slots[at + 1] !== 0) at = (at + 2) & mask;
      slots[at] = before[i];
      slots[at + 1] = before[i + 1];
    }
    this.#slots = slots;
  }
}

const decoder = new TextDecoder();

/** How many ids are looked up at once: what they touch must fit the first cache. */
const TOGETHER = 256;
const hashes = new Int32Array(TOGETHER);
const touched = new Uint32Array(TOGETHER);

/** FNV-1a, its bits mixed once more at the end because places come from the low ones. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** The same content with room for at least `length` elements, twice as many as before where that is more. */
export function larger<T extends Uint8Array | Int32Array | Uint32Array | Float32Array>(array: T, length: number): T {
  const grown = new (array.constructor as new (n: number) => T)(Math.max(length, array.length * 2));
  grown.set(array);
  return grown;
}
