/** A seeded source of random numbers (sfc32), the same on every machine. */
export class Random {
  readonly #state: Uint32Array;
  #spare: number | undefined;

  constructor(seed: number) {
    this.#state = Uint32Array.of(0x9e3779b9, 0x243f6a88, seed, 1);
    for (let i = 0; i < 16; i++) this.uniform();
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    const s = this.#state;
    const t = (s[0] + s[1] + s[3]++) >>> 0;
    s[0] = s[1] ^ (s[1] >>> 9);
    s[1] = s[2] + (s[2] << 3);
    s[2] = ((s[2] << 21) | (s[2] >>> 11)) + t;
    return t / 2 ** 32;
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal (Marsaglia's polar method). */
  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    let [x, y, square] = [0, 0, 0];
    do {
      x = this.uniform() * 2 - 1;
      y = this.uniform() * 2 - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const scale = Math.sqrt((-2 * Math.log(square)) / square);
    this.#spare = y * scale;
    return x * scale;
  }
}
