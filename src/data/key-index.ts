import type { Key } from './columns.js';
import { type Postings, postingsOf } from './postings.js';

/** Codes of a gallery column: equal keys have equal codes 0, 1, 2, ...; null is -1. */
export class KeyIndex {
  readonly #codeOf: Map<Key, number>;
  #codes = new Int32Array(1024);
  #size = 0;
  #postings?: Postings;

  constructor(codeOf: Map<Key, number> = new Map()) {
    this.#codeOf = codeOf;
  }

  /** The code of each row. */
  get codes(): Int32Array {
    return this.#codes.subarray(0, this.#size);
  }

  add(key: Key): void {
    if (this.#size === this.#codes.length) {
      const grown = new Int32Array(this.#size * 2);
      grown.set(this.#codes);
      this.#codes = grown;
    }
    this.#postings = undefined;
    let code = -1;
    if (key !== null) {
      code = this.#codeOf.get(key) ?? this.#codeOf.size;
      this.#codeOf.set(key, code);
    }
    this.#codes[this.#size++] = code;
  }

  /** The code of a key; -1 for null and for keys that no row has. */
  code(key: Key): number {
    return key === null ? -1 : (this.#codeOf.get(key) ?? -1);
  }

  /** Rows [start, end) as an index of their own, with the same codes. */
  slice(start: number, end: number): KeyIndex {
    const part = new KeyIndex(this.#codeOf);
    part.#codes = this.codes.slice(start, end);
    part.#size = part.#codes.length;
    return part;
  }

  /** The rows with a code, ascending. */
  rows(code: number): Int32Array {
    if (code < 0) return new Int32Array(0);
    const { starts, rows } = this.postings();
    return rows.subarray(starts[code], starts[code + 1]);
  }

  /** How many rows have a code. */
  count(code: number): number {
    if (code < 0) return 0;
    const { starts } = this.postings();
    return starts[code + 1] - starts[code];
  }

  /** All rows by code, made when first asked for. */
  postings(): Postings {
    this.#postings ??= postingsOf(this.codes, this.#codeOf.size);
    return this.#postings;
  }
}
