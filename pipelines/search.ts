import { UserError } from '../src/data/errors.js';
import type { RunContext } from './evaluate.js';
import { assertAllWritable } from './files.js';
import type { OptionName, Options } from './options.js';
import { runSearchChain } from './planned-search.js';
import { silent } from './progress.js';
import { openSets } from './sets.js';

/** The options of `rankstream search`. */
export const SEARCH_OPTIONS = [
  'items',
  'queries',
  'gallery',
  'embeddings',
  'column',
  'same-id',
  'k',
  'distance',
  'device',
  'out',
  'save-relevance',
  'batch',
  'threads',
  'memory',
  'verbose',
  'config',
] as const satisfies readonly OptionName[];

/**
 * Search only: writes the retrieval results to `out`.
 * @returns the number of queries
 * @throws UserError for every mistake in the options or the data
 */
export async function runSearch(options: Options, { progress = silent, signal }: RunContext = {}): Promise<number> {
  const { out, k = 100 } = options;
  if (out === undefined)
    throw new UserError('say where the results go: --out FILE (.arrow, .arrows, .parquet), or --out - for an Arrow stream on stdout');
  await assertAllWritable(out);
  const sets = await openSets(options, { queryColumns: [], labels: false, k, columns: [] }, progress);
  const chain = { metrics: [], by: [], postprocessors: [], results: out, progress, signal };
  const { queries } = await runSearchChain(sets, k, options, chain);
  return queries;
}
