/** Wall time during which work is under way; pieces of work may overlap. */
export class Clock {
  #running = 0;
  #since = 0;
  #milliseconds = 0;

  get seconds(): number {
    return Math.round(this.#milliseconds) / 1000;
  }

  /** Takes the time of a piece of work, until its promise is settled where it gives one. */
  during<T>(work: () => T): T {
    if (this.#running++ === 0) this.#since = performance.now();
    let result: T;
    try {
      result = work();
    } catch (error) {
      this.#stop();
      throw error;
    }
    if (!(result instanceof Promise)) this.#stop();
    else result.then(this.#stop, this.#stop);
    return result;
  }

  readonly #stop = () => {
    if (--this.#running === 0) this.#milliseconds += performance.now() - this.#since;
  };
}
