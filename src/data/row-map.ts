/** A small map from row numbers to numbers >= 0, made to be filled and cleared for one query after the other: it stays in the nearest cache. */
export class RowMap {
  #keys = new Int32Array(64);
  #values = new Int32Array(64);
  #mask = 63;

  /** Forgets all, and makes room for `size` keys. */
  clear(size: number): void {
    let length = 64;
    while (length < size * 2) length *= 2;
    if (length > this.#keys.length) {
      this.#keys = new Int32Array(length);
      this.#values = new Int32Array(length);
    }
    this.#mask = length - 1;
    this.#keys.fill(-1, 0, length);
  }

  /** Sets the value of a key that is new. @returns -1; the value that a key has already, which stays */
  put(key: number, value: number): number {
    const at = this.#place(key);
    if (this.#keys[at] === key) return this.#values[at];
    this.#keys[at] = key;
    this.#values[at] = value;
    return -1;
  }

  /** The value of a key, -1 without one. */
  get(key: number): number {
    const at = this.#place(key);
    return this.#keys[at] === key ? this.#values[at] : -1;
  }

  #place(key: number): number {
    const keys = this.#keys;
    const mask = this.#mask;
    const hash = Math.imul(key, 0x9e3779b1);
    let at = (hash ^ (hash >>> 16)) & mask;
    while (keys[at] !== key && keys[at] !== -1) at = (at + 1) & mask;
    return at;
  }
}
