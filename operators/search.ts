import { defer, finalize, type OperatorFunction } from 'rxjs';
import type { EmbeddingBatch } from '../src/data/embedding-batch.js';
import { UserError } from '../src/data/errors.js';
import type { Gallery } from '../src/data/gallery.js';
import type { GalleryItems } from '../src/data/gallery-items.js';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { type ExactOptions, ExactSearcher } from '../src/search/exact.js';
import { retrieve } from '../src/search/retrieve.js';
import type { Searcher } from '../src/search/searcher.js';
import { named, stage } from './stage.js';

export interface SearchOptions extends ExactOptions {
  /** Items to retrieve for each query, fewer where the gallery has fewer; default 100, as in OML. */
  readonly k?: number;
  /** Retrieves all items whose distance is at most this, instead of the k nearest: for de-duplication and verification. */
  readonly radius?: number;
  /** A searcher that is already open, to be shared; it is not closed here. By default an exact one is opened with the first batch. */
  readonly searcher?: Searcher;
  /** Keep the lists of relevant gallery rows in the results, not only what metrics need of them. */
  readonly keepRelevant?: boolean;
}

/**
 * EmbeddingBatch -> RetrievalResults: the k nearest gallery items of each query, or all within a radius, judged by labels where queries and gallery have them.
 * Batches in flight are searched one after the other; reading and scoring go on meanwhile.
 * @example pump(readEmbeddings('q.parquet'), {}, search(gallery, { k: 100, distance: 'cosine' }))
 * @throws UserError when k is not a positive integer or the radius no number; in the stream: dimensions that differ, distances beyond float32
 */
export function search(gallery: Gallery, options?: SearchOptions): OperatorFunction<EmbeddingBatch, RetrievalResults>;
/** With a searcher of its own vectors, the gallery needs none. */
export function search(
  gallery: GalleryItems,
  options: SearchOptions & { readonly searcher: Searcher },
): OperatorFunction<EmbeddingBatch, RetrievalResults>;
export function search(gallery: GalleryItems, options: SearchOptions = {}): OperatorFunction<EmbeddingBatch, RetrievalResults> {
  const { k = 100, radius, searcher, keepRelevant } = options;
  if (radius !== undefined && Number.isNaN(radius)) throw new UserError('the radius must be a number, not NaN');
  if (!Number.isInteger(k) || k < 1) throw new UserError(`k must be a positive integer, not ${k}`);
  const wanted = radius === undefined ? k : { radius };
  return named('search', (batches) =>
    defer(() => {
      let opened: Promise<Searcher> | undefined;
      const open = () => {
        opened ??= ExactSearcher.open(gallery as Gallery, options);
        return opened;
      };
      return batches.pipe(
        stage('search', async (batch) => retrieve(searcher ?? (await open()), gallery, batch, wanted, keepRelevant)),
        finalize(() => {
          opened?.then((own) => own.close()).catch(() => {});
        }),
      );
    }),
  );
}
