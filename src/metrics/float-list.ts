/** Float32 numbers, growing. */
export class FloatList {
  #data = new Float32Array(0);
  length = 0;

  static of(values: ArrayLike<number>): FloatList {
    const list = new FloatList();
    list.push(Float32Array.from(values));
    return list;
  }

  push(values: Float32Array): void {
    const needed = this.length + values.length;
    if (needed > this.#data.length) {
      const grown = new Float32Array(Math.max(needed, this.#data.length * 2));
      grown.set(this.values);
      this.#data = grown;
    }
    this.#data.set(values, this.length);
    this.length = needed;
  }

  /** A view, until the next `push`. */
  get values(): Float32Array {
    return this.#data.subarray(0, this.length);
  }

  sorted(): number[] {
    return [...this.values.slice().sort()];
  }
}
