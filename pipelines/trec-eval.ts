import { measure, pump } from '../operators/index.js';
import { UserError } from '../src/data/errors.js';
import { Accumulator } from '../src/metrics/accumulator.js';
import { parseMetrics } from '../src/metrics/registry.js';
import { trecReport } from '../src/report/trec-eval.js';
import { assertAllWritable, writeText } from './files.js';
import type { Options } from './options.js';
import { silent } from './progress.js';
import { readParts } from './retrieval-inputs.js';
import { openRun } from './run.js';
import type { RunContext } from './run-context.js';

/** What a report of trec_eval has no place for. */
const WITHOUT = { by: 'by', perQuery: 'per-query', json: 'json' } as const;

export interface TrecOutcome {
  /** The report, without a newline at its end. */
  readonly text: string;
  readonly warnings: readonly string[];
}

/**
 * The report of trec_eval on a run judged by qrels, or on saved results: `rankstream metrics --format trec_eval`.
 * @throws UserError for every mistake in the options or the data, and for results without relevance
 */
export async function runTrecEval(options: Options, { progress = silent, signal }: RunContext = {}): Promise<TrecOutcome> {
  const { inputs, metrics, eachQuery, relevanceLevel: level, out } = options;
  for (const [name, flag] of Object.entries(WITHOUT)) {
    if (options[name as keyof typeof WITHOUT]) throw new UserError(`--${flag} does not go with --format trec_eval`);
  }
  // A wrong name is told before the long reading.
  if (metrics !== undefined) parseMetrics(metrics, { level });
  await assertAllWritable(out);
  const run = await openRun(options);
  if (!run && inputs === undefined) throw new UserError('give --run RUN and --qrels QRELS, or saved results, for example rr.arrow');
  const report = new Accumulator(trecReport({ metrics, level, eachQuery, runId: run?.runId }));
  progress.start('queries', run?.queries);
  try {
    const last = await pump(run ?? readParts(inputs as string[]), { signal }, measure(report)).last();
    if (last === undefined) throw new UserError('there are no queries');
  } finally {
    progress.stop();
  }
  const text = report.value();
  if (out !== undefined) await writeText(out, `${text}\n`);
  return { text, warnings: run?.warnings ?? [] };
}
