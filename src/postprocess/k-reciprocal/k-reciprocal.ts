import type { Context } from '../../data/context.js';
import { UserError } from '../../data/errors.js';
import type { Gallery } from '../../data/gallery.js';
import type { RetrievalInfo, RetrievalResults } from '../../data/retrieval-results.js';
import { atNewDistances } from '../new-distances.js';
import type { Postprocessor } from '../postprocessor.js';
import { encode } from './encode.js';
import { type Neighbours, neighboursOf, type SearchHow } from './neighbours.js';
import { type QuerySet, querySet } from './query-set.js';
import type { SparseRows } from './sparse-rows.js';

export interface KReciprocalOptions extends SearchHow {
  /** Neighbours that must be mutual; default 20. */
  readonly k1?: number;
  /** Rows whose features are averaged, the row itself among them; default 6, 1 for none. */
  readonly k2?: number;
  /** Weight of the original distance, from 0 to 1; default 0.3. */
  readonly lambda?: number;
}

/**
 * K-reciprocal re-ranking: orders each list anew by how many neighbours query and item share, mutual ones weighing by their nearness. Every retrieved
 * item is ordered; what was not retrieved stays out. Two passes: neighbours are sought among queries and gallery together.
 *
 * N(i, k) is row i and its k nearest, in order of (float32 distance, row), gallery before queries; a query that is an item of the gallery stands there
 * once. d(i, j) is the squared distance (cosine: the distance) over the largest of row i.
 *
 *     R(i, k)  = { j in N(i, k) : i in N(j, k) }
 *     R*(i)    = R(i, k1), and R(j, k1 / 2) of each j in R(i, k1) with |R(i, k1) and R(j, k1 / 2)| > 2/3 |R(j, k1 / 2)|
 *     V(i, j)  = exp(-d(i, j)) over its sum, for j in R*(i); else 0
 *     F(i)     = mean of V over N(i, k2 - 1)
 *     J(q, g)  = 1 - sum min(F(q), F(g)) / sum max(F(q), F(g))
 *     distance = (1 - lambda) J(q, g) + lambda d(q, g)
 *
 * As in the authors' code, and unlike in the paper, a set has more, not at least, than two thirds in common, R* is expanded by j of the unexpanded set,
 * and k1 / 2 rounds halves to even. d(q, g) is computed from the embeddings, whatever steps came before. Items at equal new distances keep their order.
 *
 * Memory: the union of queries and gallery once more where there are queries beside the gallery, 4 k1 bytes a row, and F, some 8 bytes for each of a
 * hundred entries a row: nothing grows with the square of the rows. Time: two exact searches of the union in itself.
 * @throws UserError for parameters out of range; in the stream: no gallery, no embeddings of the queries, another distance than l2 and cosine
 * @see Z. Zhong, L. Zheng, D. Cao, S. Li, "Re-ranking Person Re-identification with k-reciprocal Encoding", CVPR 2017, equations 2 to 12
 * @example pump(queries, {}, search(gallery), postprocess(kReciprocal({ k1: 20, k2: 6, lambda: 0.3 }), { gallery }))
 */
export function kReciprocal({ k1 = 20, k2 = 6, lambda = 0.3, ...how }: KReciprocalOptions = {}): Postprocessor<QuerySet> {
  for (const [name, value] of Object.entries({ k1, k2 })) {
    if (!Number.isInteger(value) || value < 1) throw new UserError(`k-reciprocal: ${name} must be a positive integer, not ${value}`);
  }
  if (!(lambda >= 0 && lambda <= 1)) throw new UserError(`k-reciprocal: lambda must be a number from 0 to 1, not ${lambda}`);
  const features = new WeakMap<QuerySet, Promise<Features>>();
  return {
    name: 'k-reciprocal',
    params: { k1, k2, lambda },
    needs: ['queries', 'gallery'],
    fit: querySet,
    transductive: true,
    async process(rr, context, queries) {
      const gallery = galleryOf(rr, context);
      const distance = distanceOf(rr.info);
      const open = async (): Promise<Features> => {
        const neighbours = await neighboursOf(await queries.unionWith(gallery), distance, Math.max(k1, k2 - 1), how);
        const [own, relative] = [new Float32Array(neighbours.rows), new Float32Array(gallery.size)];
        return { neighbours, rows: encode(neighbours, k1, k2), own, relative };
      };
      if (!features.has(queries)) features.set(queries, open());
      const known = (await features.get(queries)) as Features;
      const fresh = new Float64Array(rr.ids.length);
      for (let q = 0; q < rr.length; q++) {
        const [start, end] = [rr.offsets[q], rr.offsets[q + 1]];
        blended(known, queries.rowOf(gallery, rr.rows[q]), rr.ids.subarray(start, end), lambda, fresh.subarray(start, end));
      }
      return atNewDistances(rr, fresh);
    },
  };
}

interface Features {
  readonly neighbours: Neighbours;
  readonly rows: SparseRows;
  /** Room for one row in full, all 0. */
  readonly own: Float32Array;
  /** Room for the relative distances of one list. */
  readonly relative: Float32Array;
}

/** The new distances of a row of the union to some of its others, into `fresh`. */
function blended(
  { neighbours, rows, own, relative }: Features,
  query: number,
  items: Int32Array,
  lambda: number,
  fresh: Float64Array,
): void {
  const { offsets, ids, values } = rows;
  neighbours.relative(query, items, relative);
  const [first, end] = [offsets[query], offsets[query + 1]];
  for (let n = first; n < end; n++) own[ids[n]] = values[n];
  for (let i = 0; i < items.length; i++) {
    const last = offsets[items[i] + 1];
    let least = 0;
    for (let n = offsets[items[i]]; n < last; n++) {
      const mine = own[ids[n]];
      const theirs = values[n];
      // Comparing is twice as fast as Math.min, and as asking first whether the row is shared.
      if (theirs < mine) least += theirs;
      else least += mine;
    }
    // Both rows add up to 1. Rounding must not make the distance negative.
    const jaccard = Math.max(0, 1 - least / (2 - least));
    fresh[i] = (1 - lambda) * jaccard + lambda * relative[i];
  }
  for (let n = first; n < end; n++) own[ids[n]] = 0;
}

function galleryOf({ info }: RetrievalResults, { gallery }: Context): Gallery {
  if (!gallery) throw new UserError('k-reciprocal needs the vectors of the gallery in memory, and they are not there');
  if (info.fingerprint !== undefined && info.fingerprint !== gallery.fingerprint) {
    throw new UserError(`k-reciprocal: ${gallery.source} is not the gallery that was searched (fingerprint ${info.fingerprint})`);
  }
  return gallery;
}

function distanceOf({ distance }: RetrievalInfo): 'l2' | 'cosine' {
  if (distance === 'l2' || distance === 'cosine') return distance;
  throw new UserError(`k-reciprocal needs results of the distance l2 or cosine, not of ${distance ?? 'one that is not known'}`);
}
