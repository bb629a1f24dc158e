import { UserError } from '../src/data/errors.js';
import { readQrels } from '../src/io/trec/qrels.js';
import { readRun } from '../src/io/trec/run.js';
import { type RunResults, readRunResults } from '../src/io/trec/run-results.js';
import type { Options } from './options.js';

export type RunOptions = Pick<Options, 'inputs' | 'run' | 'qrels' | 'complete' | 'depth'>;

/**
 * The run of `--run` judged by `--qrels`.
 * @returns undefined when no run is asked for
 * @throws UserError for options that do not go together, and what `readRun`, `readQrels` and `readRunResults` refuse
 */
export async function openRun(options: RunOptions): Promise<RunResults | undefined> {
  const { inputs, run, qrels, complete, depth } = options;
  if (run === undefined) {
    const alone = (['qrels', 'complete', 'depth'] as const).find((name) => options[name] !== undefined);
    if (alone) throw new UserError(`--${alone} goes with --run FILE`);
    return undefined;
  }
  if (inputs !== undefined) throw new UserError('give either saved results, or --run and --qrels');
  if (qrels === undefined) throw new UserError('--run needs --qrels FILE, which tells what is relevant');
  if (run === '-' && qrels === '-') throw new UserError('only one of --run and --qrels can come from stdin');
  const [judged, retrieved] = [await readQrels(qrels), await readRun(run)];
  return readRunResults(retrieved, judged, { complete, depth });
}
