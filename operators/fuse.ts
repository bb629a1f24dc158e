import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { type FusionOptions, fuseResults } from '../src/postprocess/fusion/fuse.js';
import type { Fuse } from '../src/postprocess/fusion/methods.js';
import { zip } from './zip.js';

type Source = AsyncIterable<RetrievalResults>;

/**
 * Several retrievals of the same queries as one source for a pump: results are zipped query by query, whatever their batches, and fused. The queries
 * must come in the same order; memory is one batch of each source.
 * @example
 * const fused = fuse([readRetrieval('image.arrow'), readRetrieval('text.arrow')], rrf());
 * await pump(fused, {}, evaluate([cmc(1)])).last();
 * @throws UserError while iterating: as `fuseResults`, and when one source ends before another
 */
export function fuse(sources: readonly Source[], method: Fuse, options: FusionOptions = {}): Source {
  const batches = zip(sources);
  return {
    async *[Symbol.asyncIterator]() {
      for await (const parts of batches) yield fuseResults(parts, method, options);
    },
  };
}
