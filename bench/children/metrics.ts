import type { RetrievalResults } from '../../src/data/retrieval-results.js';
import { Accumulator } from '../../src/metrics/accumulator.js';
import { evaluation } from '../../src/metrics/evaluation.js';
import { parseMetrics } from '../../src/metrics/registry.js';
import { answer, childArgument, secondsSince } from '../child.js';
import { type JudgedSet, judgedBatches } from '../judged-set.js';

/* rankstream from retrieval results in memory to metrics, exact sums included; making the results is not counted. */
interface Argument {
  readonly set: JudgedSet;
  readonly metrics: string;
  readonly batchRows: number;
}
const { set, metrics, batchRows } = childArgument<Argument>();

const evaluate = (batches: readonly RetrievalResults[]) => {
  const accumulator = new Accumulator(evaluation({ metrics: parseMetrics(metrics) }));
  for (const rr of batches) accumulator.update(rr);
  return accumulator.value();
};
// So that the engine has compiled what is measured; nothing else is left of it.
evaluate(judgedBatches({ ...set, queries: Math.min(set.queries, 2000) }, batchRows));
const start = performance.now();
const batches = judgedBatches(set, batchRows);
const build = secondsSince(start);
const built = performance.now();
const value = evaluate(batches);
answer({ seconds: { build, metrics: secondsSince(built) }, metrics: value.metrics });
