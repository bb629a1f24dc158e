import { UserError } from '../data/errors.js';
import type { GalleryItems } from '../data/gallery-items.js';
import type { Matrix } from '../data/matrix.js';
import type { Block, Engine } from './engine.js';
import { ignoredCount } from './ignored.js';
import type { Ignored, TopK } from './searcher.js';

/**
 * A search of any number of queries as the blocks that an engine takes: few are spread over its lanes, many come in blocks that suit it.
 * @throws UserError when k is not a positive integer, or the queries have another dimension than the gallery
 */
export async function searchBlocks(
  engine: Engine,
  gallery: GalleryItems,
  queries: Matrix,
  k: number,
  ignored: Ignored = {},
): Promise<TopK> {
  assertSearchable(gallery, queries, k);
  const width = Math.min(k, gallery.size);
  const ids = new Int32Array(queries.rows * width);
  const distances = new Float32Array(queries.rows * width);
  const counts = new Int32Array(queries.rows);
  let retried = 0;
  await Promise.all(
    blocksOf(engine, gallery, queries, width, ignored).map((block) =>
      engine.search(block, (found) => {
        const size = block.rows * width;
        ids.set(found.ids.subarray(0, size), block.firstQuery * width);
        distances.set(found.distances.subarray(0, size), block.firstQuery * width);
        counts.set(found.counts, block.firstQuery);
        retried += found.retried;
      }),
    ),
  );
  return packed(ids, distances, counts, width, retried);
}

/** @throws UserError when k is not a positive integer, or the queries have another dimension than the gallery */
export function assertSearchable(gallery: GalleryItems, queries: Matrix, k: number): void {
  if (!Number.isInteger(k) || k < 1) throw new UserError(`k must be a positive integer, not ${k}`);
  if (queries.dim !== gallery.dim) {
    throw new UserError(`queries of dimension ${queries.dim} cannot be searched in a gallery of dimension ${gallery.dim}`);
  }
}

function blocksOf(engine: Engine, gallery: GalleryItems, queries: Matrix, k: number, all: Ignored): Block[] {
  const { dim } = queries;
  const step = Math.max(1, Math.min(engine.blockRows, Math.ceil(queries.rows / engine.lanes)));
  return Array.from({ length: Math.ceil(queries.rows / step) }, (_, b) => {
    const [first, end] = [b * step, Math.min(queries.rows, (b + 1) * step)];
    const sequence = all.sequence?.slice(first, end);
    const self = all.self?.slice(first, end);
    const ignored = Int32Array.from({ length: end - first }, (_, q) => ignoredCount(gallery, all, first + q));
    const data = queries.data.subarray(first * dim, end * dim);
    return { queries: data, rows: end - first, k, firstQuery: first, self, sequence, ignored };
  });
}

/** Closes the gaps that queries with fewer than `width` results leave. */
export function packed(ids: Int32Array, distances: Float32Array, counts: Int32Array, width: number, retried: number): TopK {
  const offsets = new Int32Array(counts.length + 1);
  for (let q = 0; q < counts.length; q++) {
    const [to, from] = [offsets[q], q * width];
    offsets[q + 1] = to + counts[q];
    if (to === from) continue;
    ids.copyWithin(to, from, from + counts[q]);
    distances.copyWithin(to, from, from + counts[q]);
  }
  const total = offsets[counts.length];
  const full = total === ids.length;
  return { offsets, ids: full ? ids : ids.slice(0, total), distances: full ? distances : distances.slice(0, total), retried };
}
