import { availableParallelism } from 'node:os';
import { runChild, runPeer } from './child.js';
import { dataFolder } from './data.js';
import type { PostprocessBench, Row } from './postprocess.js';
import { megabytes, ratio, seconds } from './print.js';
import { type Contestant, rounds, type Standing } from './rounds.js';

/**
 * k-reciprocal re-ranking of the icons, all against all, beside the dense matrices of the authors' form in numpy: seconds, and by how much the peak of
 * resident memory grew, from the results of a search (100 items a query), and from all distances.
 */
export async function kReciprocalRows({ rounds: count, scale, peers }: PostprocessBench): Promise<Row[]> {
  const step = Math.round(1 / scale);
  const folder = await dataFolder(`icons-every-${step}`, 'make-icons', { step });
  const contestants: Contestant[] = [
    { name: 'rankstream', run: () => runChild('k-reciprocal', { folder, threads: availableParallelism() }) },
  ];
  if (peers) {
    contestants.push({ name: 'numpy', run: () => runPeer(peers, 'k_reciprocal', { folder, threads: availableParallelism() }) });
  }
  const standings = await rounds(contestants, count);
  const ours = standings.get('rankstream') as Standing;
  const theirs = standings.get('numpy');
  const row = (what: string, value: (one: Standing) => number, unit: (value: number) => string, target: string) => ({
    what: `k-reciprocal, ${what}`,
    ours: unit(value(ours)),
    beside: theirs ? unit(value(theirs)) : '-',
    ratio: theirs ? ratio(value(theirs) / value(ours)) : '-',
    target,
  });
  const metric = (name: string) =>
    row(
      name,
      ({ metrics }) => metrics?.[name] ?? Number.NaN,
      (value) => value.toFixed(4),
      '',
    );
  return [
    row('seconds', (one) => one.seconds['k-reciprocal'], seconds, 'at least 5x'),
    row('growth of the peak RSS', ({ notes }) => Number(notes?.grown), megabytes, 'at least 10x'),
    row('peak RSS', ({ peakRss }) => peakRss, megabytes, ''),
    metric('cmc@1'),
    metric('map@100'),
  ];
}
