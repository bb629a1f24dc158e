import { UserError } from '../src/data/errors.js';
import { parseTransforms } from '../src/embeddings/registry.js';
import type { Approximate } from '../src/report/results.js';
import { chooseDevice } from './device.js';
import { assertAllWritable } from './files.js';
import { embedInputs } from './model-inputs.js';
import { checkEngine, openSearcher, RUNNING, SEARCHING } from './open-searcher.js';
import type { OptionName, Options } from './options.js';
import { runSearchChain } from './planned-search.js';
import { silent } from './progress.js';
import type { RunContext } from './run-context.js';
import { openSets } from './sets.js';
import { transformSets } from './transform-sets.js';

/** The options of `rankstream search`. */
export const SEARCH_OPTIONS = [
  ...SEARCHING,
  'transform',
  'out',
  'save-relevance',
  ...RUNNING,
  'config',
] as const satisfies readonly OptionName[];

export interface SearchOutcome {
  /** Number of queries. */
  readonly queries: number;
  /** There where the engine does not prove its answers. */
  readonly approximate?: Approximate;
}

/**
 * Search only: writes the retrieval results to `out`.
 * @throws UserError for every mistake in the options or the data
 */
export async function runSearch(given: Options, context: RunContext = {}): Promise<SearchOutcome> {
  const { progress = silent, signal } = context;
  const { out, k = 100 } = given;
  if (out === undefined)
    throw new UserError('say where the results go: --out FILE (.arrow, .arrows, .parquet), or --out - for an Arrow stream on stdout');
  const transforms = parseTransforms(given.transform ?? []);
  await assertAllWritable(out);
  await checkEngine(given);
  const where = await chooseDevice(given.device);
  const needs = { queryColumns: [], labels: false };
  await using embedded = await embedInputs(given, needs, context);
  const { options } = embedded;
  const read = await openSets(options, { ...needs, names: embedded.names, k, columns: [] }, progress);
  await using transformed = await transformSets(read, transforms, options, await where.device);
  const { sets } = transformed;
  await using engine = await openSearcher(sets.planned, options, await where.device, progress, signal);
  const chain = { by: [], postprocessors: [], results: out, progress, signal };
  const { queries } = await runSearchChain(sets, k, engine, options, chain);
  return { queries, approximate: await engine.measured() };
}
