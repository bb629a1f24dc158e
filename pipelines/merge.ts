import { UserError } from '../src/data/errors.js';
import type { Results } from '../src/report/results.js';
import { assertAllWritable, refuseTwice, writeText } from './files.js';
import { cutoffWarnings } from './metric-options.js';
import type { OptionName, Options } from './options.js';
import { silent } from './progress.js';
import { resultsFile, resultsOf, stopwatch } from './results.js';
import type { RunContext } from './run-context.js';
import { mergeStateFiles, readStateFile, writeStateFile } from './state-file.js';

/** The options of `rankstream merge`. */
export const MERGE_OPTIONS = ['inputs', 'out', 'save-state', 'json', 'config'] as const satisfies readonly OptionName[];

/**
 * Merges the states that other processes saved (`--save-state`): the results are, to the bit, those of one process over all of their queries.
 * @throws UserError for every mistake in the options, and naming the file of a state that does not match the others
 * @example const { metrics } = await runMerge({ inputs: ['s1.bin', 's2.bin'] });
 */
export async function runMerge(options: Options, { progress = silent, signal }: RunContext = {}): Promise<Results> {
  const lap = stopwatch();
  const { inputs = [], out, saveState } = options;
  if (inputs.length === 0) throw new UserError('give the saved states to merge, for example s1.bin s2.bin');
  refuseTwice(inputs);
  await assertAllWritable(out, saveState);
  const files = [];
  progress.start('states', inputs.length);
  try {
    for (const source of inputs) {
      signal?.throwIfAborted();
      files.push({ source, ...(await readStateFile(source)) });
      progress.advance(1);
    }
  } finally {
    progress.stop();
  }
  const merged = mergeStateFiles(files);
  const { value, baselineValue: baseline, retrieval: info } = merged;
  const measured = resultsOf(
    { value, baseline, info },
    merged.postprocess,
    { merge: lap() },
    cutoffWarnings(Object.keys(value.metrics), info.k),
  );
  const results = merged.transform ? { ...measured, transform: merged.transform } : measured;
  if (saveState !== undefined) await writeStateFile(saveState, merged);
  if (out !== undefined) await writeText(out, resultsFile(results));
  return results;
}
