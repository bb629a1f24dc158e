import type { EmbeddingBatch } from '../data/embedding-batch.js';
import type { Gallery } from '../data/gallery.js';
import type { JsonObject } from '../data/json.js';
import type { Searcher } from '../search/searcher.js';

/** Opens a search of a gallery for a transform that asks for neighbours. Who asks closes it. */
export type OpenSearcher = (gallery: Gallery) => Promise<Searcher>;

/** Embeddings -> embeddings, before the search: those of the gallery once, those of queries batch by batch. */
export interface EmbeddingTransform {
  readonly name: string;
  /** Its parameters, for results files. */
  readonly params: JsonObject;
  /** Learns what it must from the gallery, and transforms it. The input is never changed. @throws UserError when the gallery does not suit it */
  fit(gallery: Gallery, openSearcher: OpenSearcher): Promise<FittedTransform>;
}

export interface FittedTransform {
  /** The gallery to search: the same one where only queries change. */
  readonly gallery: Gallery;
  /** Queries as they are to be searched in that gallery; row by row, so that batches do not matter. @throws UserError for another dimension */
  queries(batch: EmbeddingBatch): EmbeddingBatch | Promise<EmbeddingBatch>;
  /** Frees what it holds (a searcher). */
  close(): Promise<void>;
}

/**
 * Fits a chain of transforms, each to the gallery that the one before gives.
 * @example
 * const fitted = await fitTransforms(await parseTransforms('pca:64 | qe:n=5'), gallery, (own) => ExactSearcher.open(own));
 * pump(queries, {}, transform(fitted), search(fitted.gallery), evaluate([map(10)]));
 */
export async function fitTransforms(
  transforms: readonly EmbeddingTransform[],
  gallery: Gallery,
  openSearcher: OpenSearcher,
): Promise<FittedTransform> {
  const fitted: FittedTransform[] = [];
  const close = async () => {
    for (const one of fitted) await one.close();
  };
  let last = gallery;
  try {
    for (const transform of transforms) {
      const one = await transform.fit(last, openSearcher);
      fitted.push(one);
      last = one.gallery;
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    gallery: last,
    async queries(batch) {
      let transformed = batch;
      for (const one of fitted) transformed = await one.queries(transformed);
      return transformed;
    },
    close,
  };
}
