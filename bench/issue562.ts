import { availableParallelism } from 'node:os';
import { runChild } from './child.js';
import { ensureData, ISSUE562, scaled } from './data.js';
import { megabytes, printTable, seconds } from './print.js';

/**
 * OML's issue 562: 450,000 items of 172 labels. OML keeps the ground truth of every query as a list (1.2 billion numbers when all are queries) and
 * runs out of memory; here it is counted from the labels.
 */
export async function issue562Bench({ scale }: { scale: number }): Promise<void> {
  const set = scaled(ISSUE562, scale);
  const folder = await ensureData(set);
  const {
    peakRss,
    seconds: parts,
    metrics,
  } = await runChild('from-parquet', {
    items: `${folder}/items.parquet`,
    k: 100,
    by: ['category'],
    threads: availableParallelism(),
  });
  console.log(
    `${set.queries} queries of ${set.gallery} items x ${set.world.dim}, ${set.world.labels} labels, k = 100, from Parquet to metrics`,
  );
  printTable(
    ['', ''],
    [
      ...Object.entries(parts).map(([part, time]) => [part, seconds(time)]),
      ['peak RSS', megabytes(peakRss)],
      ...Object.entries(metrics ?? {}).map(([name, value]) => [name, value === null ? 'none' : value.toFixed(4)]),
    ],
  );
}
