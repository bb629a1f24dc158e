import { UserError } from '../data/errors.js';
import { RetrievalResults } from '../data/retrieval-results.js';
import { fuseResults } from './fusion/fuse.js';
import { weightedSum } from './fusion/methods.js';
import { parseNormalisation } from './fusion/registry.js';
import { keepFirst } from './keep-first.js';
import type { Postprocessor } from './postprocessor.js';
import { QueryReader } from './query-reader.js';

export interface BlendOptions {
  /** Weight of the other results, 0 to 1; these have 1 - weight. */
  readonly weight: number;
  /** How scores become comparable, see `NORMALISATIONS`; default: `min-max`. */
  readonly normalise?: string;
  /** What the other results are called in messages and results files. */
  readonly name?: string;
}

/**
 * A weighted sum with other results of the same queries in the same gallery: (1 - weight) * s + weight * s', s and s' being the normalised scores
 * (negated distances), 0 where one of the two did not retrieve the item. A list keeps its length: an item of the other results takes the place of a
 * worse one. At equal sums these results come first, so that a weight of 0 leaves the order as it is. New distances are negated sums.
 * @param other the queries of the results that are processed, and perhaps others; read in batches, and again from the start for queries in another order
 * @throws UserError for a weight outside 0 to 1 or an unknown normalisation; in `process`, as `fuseResults`, and for a query that `other` lacks
 * @example blend(readRetrieval('text.arrow'), { weight: 0.3 })
 */
export function blend(
  other: AsyncIterable<RetrievalResults>,
  { weight, normalise = 'min-max', name = 'the other results' }: BlendOptions,
): Postprocessor {
  if (!(weight >= 0 && weight <= 1)) throw new UserError(`blend: weight must lie between 0 and 1, not ${weight}`);
  const options = { normalise: parseNormalisation(normalise), ties: 'found' } as const;
  const method = weightedSum([1 - weight, weight]);
  const reader = new QueryReader(other, name);
  return {
    name: 'blend',
    params: { file: name, normalise, weight },
    close: () => reader.close(),
    async process(rr) {
      // Nothing is read for a batch without queries.
      const fused = rr.length === 0 ? rr : fuseResults([rr, await reader.take(rr)], method, options);
      const kept = keepFirst(fused, (q) => rr.offsets[q + 1] - rr.offsets[q]);
      return RetrievalResults.trusted({ ...kept, info: { ...rr.info, distance: 'score' } });
    },
  };
}
