import { runChild, runPeer } from './child.js';
import { ensureJudgedSet } from './data.js';
import type { JudgedSet } from './judged-set.js';
import { megabytes, printTable, ratio } from './print.js';
import { type Contestant, rounds, type Standing } from './rounds.js';

export interface MetricsBench {
  readonly rounds: number;
  readonly scale: number;
  /** A Python with pytrec-eval-terrier and ranx. */
  readonly peers?: string;
}

const SET: JudgedSet = { queries: 60_000, retrieved: 100, relevant: 6, documents: 1_000_000, seed: 1 };
const METRICS = 'Success@1,P@5,P@10,R@10,R@100,AP,RR,nDCG@10,nDCG@100,Rprec';
const PEERS = ['pytrec_eval', 'ranx'];

/** Ten measures of 60,000 queries with 100 results and 6 judged documents each: from objects in memory to the means. */
export async function metricsBench({ rounds: count, scale, peers }: MetricsBench): Promise<void> {
  const set = { ...SET, queries: Math.ceil(SET.queries * scale) };
  const contestants: Contestant[] = [{ name: 'rankstream', run: () => runChild('metrics', { set, metrics: METRICS, batchRows: 4096 }) }];
  if (peers) {
    const folder = await ensureJudgedSet(set);
    for (const name of PEERS) contestants.push({ name, run: () => runPeer(peers, 'ir_metrics', [name, folder, METRICS]) });
  }
  const standings = await rounds(contestants, count);
  const ours = standings.get('rankstream') as Standing;

  const versions = [...standings.values()].flatMap((one) => Object.entries(one.versions ?? {}));
  if (versions.length > 0) console.log([...new Map(versions)].map(([name, version]) => `${name} ${version}`).join(', '));
  console.log(
    `${set.queries} queries x ${set.retrieved} results, ${set.relevant} judged each; smallest of ${count}, peak RSS of the process`,
  );
  printTable(
    ['', 'making objects', 'ten metrics', 'ratio', 'peak RSS'],
    [...standings.values()].map(({ name, seconds, peakRss }) => [
      name,
      `${seconds.build.toFixed(2)} s`,
      `${seconds.metrics.toFixed(3)} s`,
      ratio(seconds.metrics / ours.seconds.metrics),
      megabytes(peakRss),
    ]),
  );
  printTable(
    ['', ...standings.keys()],
    METRICS.split(',').map((name) => [name, ...[...standings.values()].map(({ metrics }) => metrics?.[name]?.toFixed(6) ?? '-')]),
  );
}
