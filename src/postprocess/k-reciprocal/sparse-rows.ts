/** A matrix of which few entries differ from zero: row i has `values[n]` in column `ids[n]`, n from `offsets[i]` to `offsets[i + 1] - 1`. */
export interface SparseRows {
  readonly offsets: Float64Array;
  readonly ids: Int32Array;
  readonly values: Float32Array;
}

/** Sparse rows that grow, one row after the other. */
export class SparseBuilder {
  readonly #offsets: Float64Array;
  #ids = new Int32Array(1024);
  #values = new Float32Array(1024);
  #row = 0;
  #count = 0;

  constructor(rows: number) {
    this.#offsets = new Float64Array(rows + 1);
  }

  add(id: number, value: number): void {
    if (this.#count === this.#ids.length) this.#resize(Math.ceil(this.#count * 1.5));
    this.#ids[this.#count] = id;
    this.#values[this.#count++] = value;
  }

  endRow(): void {
    this.#offsets[++this.#row] = this.#count;
  }

  /** The rows; nothing can be added afterwards. */
  done(): SparseRows {
    this.#resize(this.#count);
    return { offsets: this.#offsets, ids: this.#ids, values: this.#values };
  }

  #resize(length: number): void {
    const [ids, values] = [new Int32Array(length), new Float32Array(length)];
    ids.set(this.#ids.subarray(0, this.#count));
    values.set(this.#values.subarray(0, this.#count));
    [this.#ids, this.#values] = [ids, values];
  }
}
