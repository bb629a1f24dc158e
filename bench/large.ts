import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { runChild } from './child.js';
import { ensureData, MILLIONS, scaled } from './data.js';
import { megabytes, printTable, seconds } from './print.js';

/** The memory that the search is given, bytes. */
const MEMORY = 1e9;

/**
 * 4 million vectors, 2 GB, searched in 1 GB: the gallery is streamed in blocks. The results of a sample of the queries are compared, to the bit, with
 * those of a search that has the whole gallery in memory.
 */
export async function largeBench({ scale }: { scale: number }): Promise<void> {
  const set = scaled(MILLIONS, scale);
  const folder = await ensureData(set);
  const results = { streamed: `${folder}/rr-streamed.arrow`, resident: `${folder}/rr-resident.arrow` };
  const search = (queries: string, file: string, memory?: number) => {
    const options = { queries: `${folder}/${queries}.arrow`, gallery: `${folder}/g.arrow`, results: file, memory };
    return runChild('from-parquet', { ...options, k: 100, metrics: 'cmc@1,map@10', threads: availableParallelism(), verbose: true });
  };
  try {
    const streamed = await search('q', results.streamed, Math.ceil(MEMORY * scale));
    const resident = await search('sample', results.resident);
    const { notes } = await runChild('same-results', { whole: results.streamed, sample: results.resident });
    console.log(`${set.gallery} gallery x ${set.world.dim}, k = 100, from Arrow files to metrics; peak RSS of the process`);
    printTable(
      ['', 'queries', 'seconds', 'peak RSS'],
      [
        ['streamed in 1 GB', `${set.queries}`, seconds(streamed.seconds['files to metrics']), megabytes(streamed.peakRss)],
        ['resident', `${notes?.queries}`, seconds(resident.seconds['files to metrics']), megabytes(resident.peakRss)],
      ],
    );
    console.log(`${notes?.queries} queries compared, ${notes?.different} with different bytes`);
  } finally {
    for (const file of Object.values(results)) rmSync(file, { force: true });
  }
}
