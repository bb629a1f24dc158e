import { availableParallelism } from 'node:os';
import { runChild, runPeer } from './child.js';
import { megabytes, printTable, ratio } from './print.js';
import { type Contestant, rounds, type Standing } from './rounds.js';
import { ensureTrecData, TREC } from './trec-data.js';

export interface MetricsBench {
  readonly rounds: number;
  readonly scale: number;
  /** A Python with pytrec-eval-terrier and ranx. */
  readonly peers?: string;
}

const METRICS = 'Success@1,P@5,P@10,R@10,R@100,AP,RR,nDCG@10,nDCG@100,Rprec';
const PEERS = ['pytrec_eval', 'ranx'];

/** Ten measures of 60,000 queries with 100 results and 6 relevant documents each: from objects in memory to the means. */
export async function metricsBench({ rounds: count, scale, peers }: MetricsBench): Promise<void> {
  const set = { ...TREC, queries: Math.ceil(TREC.queries * scale) };
  const folder = await ensureTrecData(set);
  const [run, qrels] = [`${folder}/run.txt`, `${folder}/qrels.txt`];
  const contestants: Contestant[] = [{ name: 'rankstream', run: () => runChild('metrics', { run, qrels, metrics: METRICS }) }];
  if (peers)
    for (const name of PEERS)
      contestants.push({
        name,
        run: () => runPeer(peers, 'ir_metrics', { peer: name, run, qrels, metrics: METRICS, threads: availableParallelism() }),
      });
  const standings = await rounds(contestants, count);
  const ours = standings.get('rankstream') as Standing;

  const versions = [...standings.values()].flatMap((one) => Object.entries(one.versions ?? {}));
  if (versions.length > 0) console.log([...new Map(versions)].map(([name, version]) => `${name} ${version}`).join(', '));
  console.log(
    `${set.queries} queries x ${set.depth} results, ${set.relevant} relevant each; smallest of ${count}, peak RSS of the process`,
  );
  printTable(
    ['', 'text to objects', 'ten metrics', 'ratio', 'peak RSS'],
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
