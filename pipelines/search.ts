import { search } from '../operators/index.js';
import { UserError } from '../src/data/errors.js';
import { runChain } from './chain.js';
import { chooseDevice } from './device.js';
import type { RunContext } from './evaluate.js';
import { assertAllWritable } from './files.js';
import type { OptionName, Options } from './options.js';
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
  'precision',
  'out',
  'save-relevance',
  'batch',
  'threads',
  'config',
] as const satisfies readonly OptionName[];

/**
 * Search only: writes the retrieval results to `out`.
 * @returns the number of queries
 * @throws UserError for every mistake in the options or the data
 */
export async function runSearch(options: Options, { progress = silent, signal }: RunContext = {}): Promise<number> {
  const { out, k = 100, distance, precision, threads, saveRelevance: keepRelevant } = options;
  if (out === undefined)
    throw new UserError('say where the results go: --out FILE (.arrow, .arrows, .parquet), or --out - for an Arrow stream on stdout');
  await assertAllWritable(out);
  const where = await chooseDevice(options.device);
  const sets = await openSets(options, { queryColumns: [], labels: false }, progress);
  progress.start('queries', sets.count);
  const stage = search(sets.gallery, { k, distance, device: await where.device, precision, threads, keepRelevant });
  const { queries } = await runChain(sets.queries, stage, { metrics: [], by: [], postprocessors: [], results: out, progress, signal });
  return queries;
}
