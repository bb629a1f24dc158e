import type { OperatorFunction } from 'rxjs';
import type { EmbeddingBatch } from '../src/data/embedding-batch.js';
import type { FittedTransform } from '../src/embeddings/transform.js';
import { stage } from './stage.js';

/**
 * EmbeddingBatch -> EmbeddingBatch: queries as a fitted transform of embeddings wants them, before the search of its gallery.
 * @example
 * const fitted = await alphaQueryExpansion({ n: 5 }).fit(gallery, (own) => ExactSearcher.open(own));
 * pump(queries, {}, transform(fitted), search(fitted.gallery), evaluate([map(10)]));
 */
export function transform(fitted: FittedTransform): OperatorFunction<EmbeddingBatch, EmbeddingBatch> {
  return stage('transform', (batch: EmbeddingBatch) => fitted.queries(batch));
}
