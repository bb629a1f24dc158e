import { availableParallelism } from 'node:os';
import { type Measurement, runChild } from './child.js';
import { ensureData, MORE_QUERIES, PRODUCTS, scaled } from './data.js';
import { megabytes, printTable, ratio, seconds } from './print.js';

/** Peak memory with 10,000 queries, and with ten times as many. */
export async function memoryBench({ scale }: { scale: number }): Promise<void> {
  const sets = [PRODUCTS, MORE_QUERIES].map((set) => scaled(set, scale));
  const runs: Measurement[] = [];
  for (const set of sets) {
    const folder = await ensureData(set);
    const files = { queries: `${folder}/q.parquet`, gallery: `${folder}/g.parquet` };
    runs.push(await runChild('from-parquet', { ...files, k: 100, by: ['category'], threads: availableParallelism() }));
  }
  console.log(`gallery ${sets[0].gallery} x ${PRODUCTS.world.dim}, k = 100, from Parquet to metrics; peak RSS of the process`);
  printTable(
    ['', 'seconds', 'peak RSS', 'ratio'],
    runs.map((run, i) => [
      `${sets[i].queries} queries`,
      seconds(run.seconds['files to metrics']),
      megabytes(run.peakRss),
      ratio(run.peakRss / runs[0].peakRss),
    ]),
  );
}
