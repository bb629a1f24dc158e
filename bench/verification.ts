import { availableParallelism } from 'node:os';
import { runChild } from './child.js';
import { ensureData, PRODUCTS, scaled } from './data.js';
import { megabytes, printTable, ratio, seconds } from './print.js';
import { rounds, type Standing } from './rounds.js';

const METRICS = 'fnmr@fmr=0.1';
const K = 100;

/** FNMR@FMR of all pairs of 60,502 items, exact, beside the search of the 100 nearest of each. */
export async function verificationBench({ rounds: count, scale }: { rounds: number; scale: number }): Promise<void> {
  const set = scaled(PRODUCTS, scale);
  const folder = await ensureData(set);
  const threads = availableParallelism();
  const work = { folder, metrics: METRICS, threads, batchRows: 1024 };
  const standings = await rounds(
    [
      { name: 'search', run: () => runChild('all-pairs', { ...work, k: K }) },
      { name: 'all pairs', run: () => runChild('all-pairs', work) },
    ],
    count,
  );
  const [search, pairs] = ['search', 'all pairs'].map((name) => standings.get(name) as Standing);
  console.log(
    `${set.gallery} items x ${set.world.dim} against themselves, ${threads} threads; smallest of ${count}, peak RSS of the process`,
  );
  printTable(
    ['', 'what', 'seconds', 'ratio', 'peak RSS'],
    [
      ['search', `the ${K} nearest of each`, seconds(search.seconds.search), ratio(1), megabytes(search.peakRss)],
      ['all pairs', METRICS, seconds(pairs.seconds.pairs), ratio(pairs.seconds.pairs / search.seconds.search), megabytes(pairs.peakRss)],
    ],
  );
  const { positives, negatives, passes } = pairs.notes ?? {};
  console.log(`${positives} positive and ${negatives} negative pairs, passes over them: ${passes}, ${METRICS} ${pairs.metrics?.[METRICS]}`);
}
