import { availableParallelism } from 'node:os';
import { runChild } from './child.js';
import type { PostprocessBench, Row } from './postprocess.js';
import { ratio } from './print.js';
import { rounds } from './rounds.js';

/** Pairs in one run of the bare model; the best of them counts. */
const BATCHES = [8, 16, 32, 64, 128];
const QUERIES = 600;
const TOP_N = 10;

/** Re-ranking by the icons' siamese model, pictures in memory, beside the model alone. */
export async function rerankRow({ rounds: count, scale }: PostprocessBench): Promise<Row> {
  const argument = { queries: Math.ceil(QUERIES * scale), topN: TOP_N, threads: availableParallelism(), batches: BATCHES };
  const pairs = argument.queries * TOP_N;
  const contestants = ['bare-siamese', 'rerank'].map((name) => ({ name, run: () => runChild(name, argument) }));
  const standings = await rounds(contestants, count);
  const [bare, ours] = contestants.map(({ name }) => standings.get(name)?.seconds ?? {});
  const [best, seconds] = Object.entries(bare).sort((a, b) => a[1] - b[1])[0];
  const rate = (taken: number) => `${Math.round(pairs / taken)} pairs/s`;
  return {
    what: `re-ranking ${argument.queries} x ${TOP_N}`,
    ours: rate(ours.rerank),
    beside: `${rate(seconds)} (model alone, ${best})`,
    ratio: ratio(seconds / ours.rerank),
    target: 'at least 0.90x',
  };
}
