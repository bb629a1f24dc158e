import { UserError } from '../data/errors.js';
import type { Matrix } from '../data/matrix.js';
import type { Ignored, Searcher, TopK } from './searcher.js';

/** Items that the first look asks for, and how many times more each further one. */
const FIRST_LOOK = 64;
const WIDER = 8;
/** Results (queries x k) of one look: bounds its memory to 64 MB. */
const MOST_RESULTS = 2 ** 23;

interface Hits {
  readonly ids: Int32Array;
  readonly distances: Float32Array;
}

/**
 * Every gallery row whose float32 distance is at most `radius`, nearest first: searches for the nearest, and again, wider, for the queries whose
 * list may go on. It is as exact as the searcher: the k nearest hold every row within the radius as soon as the k-th is beyond it.
 *
 * Rows at the radius itself belong (FAISS's `range_search` and the threshold post-processor, `constantThreshold`, leave them out).
 * @param radius in units of the distance; for `ip` it may be negative
 * @throws UserError when the radius is not a number
 */
export async function rangeSearch(
  searcher: Pick<Searcher, 'search' | 'size'>,
  queries: Matrix,
  radius: number,
  ignored: Ignored = {},
): Promise<TopK> {
  if (typeof radius !== 'number' || Number.isNaN(radius)) throw new UserError(`radius must be a number, not ${radius}`);
  const hits = new Array<Hits>(queries.rows);
  let open = Int32Array.from({ length: queries.rows }, (_, q) => q);
  let retried = 0;
  for (let k = FIRST_LOOK; open.length > 0; k *= WIDER) {
    const width = Math.min(k, searcher.size);
    const step = Math.max(1, Math.floor(MOST_RESULTS / width));
    const further: number[] = [];
    for (let first = 0; first < open.length; first += step) {
      const asked = open.subarray(first, first + step);
      const of = (codes?: Int32Array) => codes && Int32Array.from(asked, (query) => codes[query]);
      const own = { self: of(ignored.self), sequence: of(ignored.sequence) };
      const found = await searcher.search(rowsOf(queries, asked), width, own);
      retried += found.retried;
      asked.forEach((query, q) => {
        const [from, to] = [found.offsets[q], found.offsets[q + 1]];
        const end = firstBeyond(found.distances, from, to, radius);
        // A full list that ends within the radius may go on; only the whole gallery has nothing more.
        if (end === to && to - from === width && width < searcher.size) further.push(query);
        else hits[query] = { ids: found.ids.slice(from, end), distances: found.distances.slice(from, end) };
      });
    }
    open = Int32Array.from(further);
  }
  return joined(hits, retried);
}

function rowsOf({ data, dim, rows }: Matrix, wanted: Int32Array): Matrix {
  if (wanted.length === rows) return { data, dim, rows };
  const picked = new Float32Array(wanted.length * dim);
  wanted.forEach((row, i) => {
    picked.set(data.subarray(row * dim, (row + 1) * dim), i * dim);
  });
  return { data: picked, dim, rows: wanted.length };
}

/** Position of the first distance above the radius among those of [from, to), which do not decrease. */
function firstBeyond(distances: Float32Array, from: number, to: number, radius: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (distances[middle] <= radius) low = middle + 1;
    else high = middle;
  }
  return low;
}

function joined(hits: readonly Hits[], retried: number): TopK {
  const offsets = new Int32Array(hits.length + 1);
  const total = hits.reduce((sum, { ids }) => sum + ids.length, 0);
  if (total > 0x7fffffff) {
    throw new UserError(
      `${total} results within the radius do not fit one batch (at most 2,147,483,647); use smaller batches, or a smaller radius`,
    );
  }
  const ids = new Int32Array(total);
  const distances = new Float32Array(total);
  hits.forEach((hit, q) => {
    ids.set(hit.ids, offsets[q]);
    distances.set(hit.distances, offsets[q]);
    offsets[q + 1] = offsets[q] + hit.ids.length;
  });
  return { offsets, ids, distances, retried };
}
