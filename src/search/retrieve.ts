import { Int32, vectorFromArray } from 'apache-arrow';
import type { Columns } from '../data/columns.js';
import type { EmbeddingBatch } from '../data/embedding-batch.js';
import { UserError } from '../data/errors.js';
import type { GalleryItems } from '../data/gallery-items.js';
import { labelRelevance } from '../data/relevance.js';
import { type RetrievalInfo, RetrievalResults } from '../data/retrieval-results.js';
import type { Ignored, Searcher, TopK } from './searcher.js';

/** Columns that play their part in the search and do not ride along with the results. */
const CONSUMED = new Set(['id', 'is_query', 'is_gallery']);

/** The gallery row of each query's own item as a column (null where it has none): saved with the results, it tells what ground truth leaves out. */
function selfColumn(self: Int32Array): Columns {
  return {
    self: vectorFromArray(
      [...self].map((row) => (row < 0 ? null : row)),
      new Int32(),
    ),
  };
}

/**
 * Searches one batch of queries and judges what it finds by labels, where both sides have them.
 * @param wanted how many of the nearest items, or the radius within which all of them (see `rangeSearch`)
 * @param keepRelevant keep the relevant rows themselves in the results (`--save-relevance`)
 * @throws UserError when the dimensions differ, a distance is beyond float32, or the searcher cannot search by radius
 */
export async function retrieve(
  searcher: Searcher,
  gallery: GalleryItems,
  queries: EmbeddingBatch,
  wanted: number | { readonly radius: number },
  keepRelevant = false,
): Promise<RetrievalResults> {
  if (queries.dim !== gallery.dim) {
    throw new UserError(
      `${queries.source}: queries of dimension ${queries.dim} cannot be searched in ${gallery.source}, of dimension ${gallery.dim}`,
    );
  }
  const ignored = ignoredOf(gallery, queries);
  const k = typeof wanted === 'number' ? wanted : undefined;
  const found =
    typeof wanted === 'number' ? await searcher.search(queries, wanted, ignored) : await within(searcher, queries, wanted.radius, ignored);
  const info = {
    gallerySize: gallery.size,
    distance: searcher.distance,
    fingerprint: gallery.fingerprint,
    ...(k !== undefined && { k }),
    device: searcher.device,
  };
  return resultsOf(found, info, gallery, queries, keepRelevant);
}

function within(searcher: Searcher, queries: EmbeddingBatch, radius: number, ignored: Ignored): Promise<TopK> {
  if (!searcher.range) throw new UserError('an approximate engine cannot tell that nothing more lies within a radius; use the exact one');
  return searcher.range(queries, radius, ignored);
}

/** What the queries of a batch may not retrieve. */
export function ignoredOf(gallery: GalleryItems, queries: EmbeddingBatch): Ignored {
  const sequenceOf = gallery.sequences && queries.keys('sequence');
  const sequence = sequenceOf && Int32Array.from({ length: queries.rows }, (_, q) => gallery.sequences!.code(sequenceOf(q)));
  return { self: queries.self, sequence };
}

/** Found lists as retrieval results of a batch of queries, judged by labels where both sides have them. */
export function resultsOf(
  found: Pick<TopK, 'offsets' | 'ids' | 'distances'>,
  info: RetrievalInfo,
  gallery: GalleryItems,
  queries: EmbeddingBatch,
  keepRelevant: boolean,
): RetrievalResults {
  const rr = RetrievalResults.trusted({
    info,
    rows: Uint32Array.from({ length: queries.rows }, (_, q) => queries.firstRow + q),
    offsets: found.offsets,
    ids: found.ids,
    distances: found.distances,
    queryIds: queries.columns.id,
    columns: {
      ...Object.fromEntries(Object.entries(queries.columns).filter(([name]) => !CONSUMED.has(name))),
      ...(queries.self && selfColumn(queries.self)),
    },
    queries,
  });
  const relevance = labelRelevance(gallery, queries);
  return relevance ? rr.judged(relevance, keepRelevant) : rr;
}
