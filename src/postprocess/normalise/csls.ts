import { UserError } from '../../data/errors.js';
import type { RetrievalResults } from '../../data/retrieval-results.js';
import type { Metric } from '../../metrics/metric.js';
import { atNewDistances } from '../new-distances.js';
import type { Postprocessor } from '../postprocessor.js';

/**
 * CSLS, cross-domain similarity local scaling: 2 d - r(query) - r(item), r being the mean distance to the k nearest of the other side: of the query,
 * of the first k of its list; of a gallery item, of the k smallest distances at which queries retrieved it (fewer where there are fewer). Hubs, which
 * are near to many queries, move back. With cosine distances, and lists long enough that every item's k nearest queries retrieved it, this is the
 * paper's 2 cos(x, y) - r(x) - r(y), negated. Two passes; about 4 k + 100 bytes for each item that was retrieved.
 *
 * An item that the fit has not seen has this distance alone, so that the new one is d - r(query).
 * @param k neighbours that the means are taken of; default 10, as in the paper
 * @throws UserError when k is not a positive integer
 * @see A. Conneau, G. Lample, M. Ranzato, L. Denoyer, H. Jégou, "Word Translation Without Parallel Data", ICLR 2018, section 2.3
 */
export function csls(k = 10): Postprocessor<ItemMeans> {
  if (!Number.isInteger(k) || k < 1) throw new UserError(`csls: k must be a positive integer, not ${k}`);
  return {
    name: 'csls',
    params: { k },
    fit: nearestMeans(k),
    process(rr, _context, means) {
      const fresh = new Float64Array(rr.ids.length);
      for (let q = 0; q < rr.length; q++) {
        const own = meanOf(rr.distancesOf(q).subarray(0, k));
        for (let i = rr.offsets[q]; i < rr.offsets[q + 1]; i++) {
          const distance = rr.distances[i];
          fresh[i] = 2 * distance - own - (means.get(rr.ids[i]) ?? distance);
        }
      }
      return atNewDistances(rr, fresh);
    },
  };
}

/** Distances that there is room for at first: a k beyond the queries takes no memory. */
const FIRST = 16;

/** The mean of the smallest distances of each gallery item, by its row. */
type ItemMeans = ReadonlyMap<number, number>;

/** The smallest distances of an item, ascending. */
interface Nearest {
  count: number;
  /** Room for k at most, and for no more than twice as many as there are. */
  distances: Float32Array;
}

function nearestMeans(k: number): Metric<Map<number, Nearest>, ItemMeans> {
  const add = (state: Map<number, Nearest>, row: number, distance: number) => {
    let nearest = state.get(row);
    if (!nearest) {
      nearest = { count: 0, distances: new Float32Array(Math.min(k, FIRST)) };
      state.set(row, nearest);
    }
    const { count } = nearest;
    if (count === k && !(distance < nearest.distances[k - 1])) return;
    if (count < k && count === nearest.distances.length) nearest.distances = widened(nearest.distances, k);
    const { distances } = nearest;
    let i = Math.min(count, k - 1);
    for (; i > 0 && distances[i - 1] > distance; i--) distances[i] = distances[i - 1];
    distances[i] = distance;
    nearest.count = Math.min(count + 1, k);
  };
  return {
    name: `mean of the ${k} smallest distances of gallery items`,
    init: () => new Map(),
    update(state: Map<number, Nearest>, { ids, distances }: RetrievalResults) {
      for (let i = 0; i < ids.length; i++) add(state, ids[i], distances[i]);
    },
    merge(into, other) {
      for (const [row, { count, distances }] of other) for (let i = 0; i < count; i++) add(into, row, distances[i]);
    },
    // In ascending order, so that the same distances give the same sum.
    value: (state) => new Map(Array.from(state, ([row, { count, distances }]) => [row, meanOf(distances.subarray(0, count))])),
  };
}

function widened(distances: Float32Array, k: number): Float32Array {
  const wider = new Float32Array(Math.min(k, 2 * distances.length));
  wider.set(distances);
  return wider;
}

function meanOf(distances: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < distances.length; i++) sum += distances[i];
  return sum / distances.length;
}
