import type { ItemTensors } from '../data/context.js';

/** Items as many as fit into this many bytes are kept. */
const MOST_BYTES = 256 * 2 ** 20;

/**
 * The same items, each loaded once while it is among those that were asked for last. One that is asked for while it is being loaded is not loaded
 * again.
 * @param mostBytes what the items that are kept may take
 */
export function cachedItems(items: ItemTensors, mostBytes: number = MOST_BYTES): ItemTensors {
  const size = items.shape.reduce((product, side) => product * side, 4);
  const most = Math.max(1, Math.floor(mostBytes / 2 / size));
  const queries = new Recent<Promise<Float32Array>>(most);
  const gallery = new Recent<Promise<Float32Array>>(most);
  return {
    shape: items.shape,
    query: (rr, position) => queries.get(rr.rows[position], () => items.query(rr, position)),
    gallery: (row) => gallery.get(row, () => items.gallery(row)),
  };
}

/** The values of the keys that were asked for last. */
class Recent<T> {
  /** In the order of their last use. */
  readonly #values = new Map<number, T>();

  constructor(private readonly most: number) {}

  get(key: number, make: () => T): T {
    const value = this.#values.get(key) ?? make();
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > this.most) this.#values.delete(this.#values.keys().next().value as number);
    return value;
  }
}
