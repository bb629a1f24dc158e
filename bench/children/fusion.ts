import { IdTable } from '../../src/data/id-table.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { readQrels } from '../../src/io/trec/qrels.js';
import { type Run, readRun } from '../../src/io/trec/run.js';
import { readRunResults } from '../../src/io/trec/run-results.js';
import { fuseResults } from '../../src/postprocess/fusion/fuse.js';
import { parseFusion, parseNormalisation } from '../../src/postprocess/fusion/registry.js';
import { answer, childArgument, secondsSince } from '../child.js';

/* rankstream's fusions of two judged runs, batch by batch, from results in memory to results in memory. */
interface Argument {
  readonly runs: readonly string[];
  readonly qrels: string;
  readonly methods: readonly string[];
  /** Size of the collection over which the documents of the runs are spread. */
  readonly documents: number;
}
const { runs: files, qrels, methods, documents: size } = childArgument<Argument>();

async function batchesOf(run: Run): Promise<RetrievalResults[]> {
  const batches: RetrievalResults[] = [];
  for await (const rr of readRunResults(run, await readQrels(qrels))) batches.push(spread(rr));
  return batches;
}

/** The same results in a large collection: other queries, other documents. Unlike rows of a query stay unlike, for there are at most `step` of them. */
function spread(rr: RetrievalResults): RetrievalResults {
  const ids = rr.ids.slice();
  const step = Math.floor(size / 256);
  for (let q = 0; q < rr.length; q++)
    for (let i = rr.offsets[q]; i < rr.offsets[q + 1]; i++) ids[i] = (ids[i] * step + rr.rows[q] * 7919) % size;
  return RetrievalResults.trusted({ ...rr, ids });
}

const documents = new IdTable();
const runs: Run[] = [];
for (const file of files) runs.push(await readRun(file, { documents }));
const [first, second] = await Promise.all(runs.map(batchesOf));
const options = { normalise: parseNormalisation('min-max') };
const seconds: Record<string, number> = {};
const metrics: Record<string, number> = {};
for (const name of methods) {
  const method = parseFusion(name);
  // So that the engine has compiled what is measured.
  fuseResults([first[0].slice(0, 500), second[0].slice(0, 500)], method, options);
  let [score, queries] = [0, 0];
  const start = performance.now();
  const fused = first.map((rr, i) => fuseResults([rr, second[i]], method, options));
  seconds[name] = secondsSince(start);
  for (const rr of fused) {
    for (let q = 0; q < rr.length; q++) score -= rr.distances[rr.offsets[q]];
    queries += rr.length;
  }
  metrics[name] = score / queries;
}
answer({ seconds, metrics });
