/** Memory that is used again and again, and grows when more is asked for: what passes through it leaves no garbage behind. */
export class Scratch {
  #buffer: ArrayBuffer | SharedArrayBuffer;

  /** @param shared whether threads share it */
  constructor(private readonly shared: boolean) {
    this.#buffer = this.#allocate(0);
  }

  floats(length: number): Float32Array {
    return new Float32Array(this.#atLeast(length * 4), 0, length);
  }

  ints(length: number): Int32Array {
    return new Int32Array(this.#atLeast(length * 4), 0, length);
  }

  #atLeast(bytes: number): ArrayBuffer | SharedArrayBuffer {
    if (this.#buffer.byteLength < bytes) this.#buffer = this.#allocate(bytes);
    return this.#buffer;
  }

  #allocate(bytes: number): ArrayBuffer | SharedArrayBuffer {
    return this.shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  }
}
