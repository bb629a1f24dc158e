import type { Metric } from './metric.js';

/** A metric with its state: what is passed around while batches go by. */
export class Accumulator<S, V, Input> {
  readonly #metric: Metric<S, V, Input>;
  readonly #state: S;

  constructor(metric: Metric<S, V, Input>) {
    this.#metric = metric;
    this.#state = metric.init();
  }

  get name(): string {
    return this.#metric.name;
  }

  update(input: Input): void {
    this.#metric.update(this.#state, input);
  }

  /** Takes in what another accumulator of the same metric has seen. */
  merge(other: Accumulator<S, V, Input>): void {
    this.#metric.merge(this.#state, other.#state);
  }

  /** What the metric keeps of all that was seen, for the metric's own functions. */
  get state(): S {
    return this.#state;
  }

  /** An accumulator for a further pass over the same input, where an exact value needs one. */
  refine(): Accumulator<S, V, Input> | undefined {
    const next = this.#metric.refine?.(this.#state);
    return next && new Accumulator(next);
  }

  value(): V {
    return this.#metric.value(this.#state);
  }
}
