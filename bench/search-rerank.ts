import { availableParallelism } from 'node:os';
import { runChild } from './child.js';
import type { PostprocessBench, Row } from './postprocess.js';
import { ratio, seconds } from './print.js';
import { rounds } from './rounds.js';

const QUERIES = 6000;
const GALLERY = 60_000;
const TOP_N = 2;

/** Search and re-ranking in one pump, on one CPU, beside the sum of the two one after the other. */
export async function searchRerankRow({ rounds: count, scale }: PostprocessBench): Promise<Row> {
  const [queries, size] = [QUERIES, GALLERY].map((rows) => Math.ceil(rows * scale));
  const argument = { queries, size, topN: TOP_N, threads: availableParallelism() };
  const name = 'search-rerank';
  const standings = await rounds([{ name, run: () => runChild(name, argument) }], count);
  const taken = standings.get(name)?.seconds ?? {};
  return {
    what: `search and re-ranking ${queries} x ${TOP_N}`,
    ours: seconds(taken.both),
    beside: `${seconds(taken.search + taken.rerank)} (${seconds(taken.search)} and ${seconds(taken.rerank)}, one after the other)`,
    ratio: ratio(taken.both / (taken.search + taken.rerank)),
    target: 'at most 1.10x',
  };
}
