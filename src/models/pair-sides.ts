import type { Context, ItemTensors } from '../data/context.js';
import { UserError } from '../data/errors.js';
import type { Pairs } from './pairwise-model.js';

/** The two sides of pairs, as items of one shape. */
export interface PairSides {
  readonly shape: readonly number[];
  /** Values of the query of pair i, and of its gallery item. */
  query(pair: number): Promise<Float32Array> | Float32Array;
  gallery(pair: number): Promise<Float32Array> | Float32Array;
}

/** The vectors of pairs. @throws UserError when the results came without the vectors of their queries, or there is no gallery */
export function embeddingSides(model: string, { rr, queries, rows }: Pairs, { gallery }: Context): PairSides {
  const { queries: batch } = rr;
  if (!batch || !gallery) {
    throw new UserError(
      `${model} compares embeddings, and these results came without those of the ${batch ? 'gallery' : 'queries'}; give --queries and --gallery`,
    );
  }
  const { dim } = batch;
  if (dim !== gallery.dim) throw new UserError(`${batch.source}: queries of dimension ${dim}, but a gallery of dimension ${gallery.dim}`);
  return {
    shape: [dim],
    query: (pair) => batch.data.subarray(queries[pair] * dim, (queries[pair] + 1) * dim),
    gallery: (pair) => gallery.vectors.row(rows[pair]),
  };
}

/** The items of pairs. @throws UserError when there are no items */
export function itemSides(model: string, { rr, queries, rows }: Pairs, items: ItemTensors | undefined): PairSides {
  if (!items)
    throw new UserError(`${model} compares the items themselves, and there are none: their tables need a column "path" with pictures`);
  return {
    shape: items.shape,
    query: (pair) => items.query(rr, queries[pair]),
    gallery: (pair) => items.gallery(rows[pair]),
  };
}
