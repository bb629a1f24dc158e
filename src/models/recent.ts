/** The values of the keys that were asked for last, as many as fit. */
export class Recent<T> {
  /** In the order of their last use. */
  readonly #values = new Map<number, T>();
  #weight = 0;

  /**
   * @param most weight of the values that are kept, the last one always being among them
   * @param weightOf what a value weighs (default 1)
   */
  constructor(
    private readonly most: number,
    private readonly weightOf: (value: T) => number = () => 1,
  ) {}

  get(key: number, make: () => T): T {
    const known = this.#values.get(key);
    const value = known ?? make();
    if (known === undefined) this.#weight += this.weightOf(value);
    this.#values.delete(key);
    this.#values.set(key, value);
    for (const [oldest, other] of this.#values) {
      if (this.#weight <= this.most || oldest === key) break;
      this.#values.delete(oldest);
      this.#weight -= this.weightOf(other);
    }
    return value;
  }
}
