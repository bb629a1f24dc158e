import type { ItemTensors } from '../data/context.js';
import { Recent } from './recent.js';

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
