import type { RetrievalResults } from '../../src/data/retrieval-results.js';
import { readQrels } from '../../src/io/trec/qrels.js';
import { readRun } from '../../src/io/trec/run.js';
import { readRunResults } from '../../src/io/trec/run-results.js';
import { Accumulator } from '../../src/metrics/accumulator.js';
import { evaluation } from '../../src/metrics/evaluation.js';
import { parseMetrics } from '../../src/metrics/registry.js';
import { answer, childArgument, secondsSince } from '../child.js';

/* rankstream from retrieval results in memory to metrics, exact sums included; how the results came there is timed apart. */
interface Argument {
  readonly run: string;
  readonly qrels: string;
  readonly metrics: string;
}
const { run, qrels, metrics } = childArgument<Argument>();

async function results(): Promise<RetrievalResults[]> {
  const batches: RetrievalResults[] = [];
  for await (const rr of readRunResults(await readRun(run), await readQrels(qrels))) batches.push(rr);
  return batches;
}

function evaluate(batches: readonly RetrievalResults[]) {
  const accumulator = new Accumulator(evaluation({ metrics: parseMetrics(metrics) }));
  for (const rr of batches) accumulator.update(rr);
  return accumulator.value();
}

let start = performance.now();
const batches = await results();
const build = secondsSince(start);
// So that the engine has compiled what is measured. What is computed once for a batch stays with that batch: the part is a copy.
evaluate(batches.slice(0, 1).map((rr) => rr.slice(0, 2000)));
start = performance.now();
const value = evaluate(batches);
answer({ seconds: { build, metrics: secondsSince(start) }, metrics: value.metrics });
