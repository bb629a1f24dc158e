import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { runChild, runPeer } from './child.js';
import { megabytes, printTable, ratio, seconds } from './print.js';
import { type Contestant, rounds, type Standing } from './rounds.js';
import { ensureTrecData, TREC } from './trec-data.js';

export interface TrecBench {
  readonly rounds: number;
  readonly scale: number;
  /** A Python with pytrec_eval. */
  readonly peers?: string;
  /** trec_eval's C program. */
  readonly trecEval?: string;
}

const METRICS = 'Success@1,P@5,P@10,R@10,R@100,AP,RR,nDCG@10,nDCG@100,Rprec';

/** A run of 6 million lines and its qrels, from text to ten measures, beside trec_eval and pytrec_eval. */
export async function trecBench({ rounds: count, scale, peers, trecEval }: TrecBench): Promise<void> {
  const set = { ...TREC, queries: Math.ceil(TREC.queries * scale) };
  const folder = await ensureTrecData(set);
  const [run, qrels] = [`${folder}/run.txt`, `${folder}/qrels.txt`];
  const contestants: Contestant[] = [{ name: 'rankstream', run: () => runChild('from-run', { run, qrels, metrics: METRICS }) }];
  if (trecEval) contestants.push({ name: 'trec_eval', run: () => runChild('trec-eval', { program: trecEval, run, qrels }) });
  if (peers)
    contestants.push({
      name: 'pytrec_eval',
      run: () => runPeer(peers, 'pytrec_eval_text', { run, qrels, threads: availableParallelism() }),
    });
  const standings = [...(await rounds(contestants, count)).values()];

  const [ours, ...theirs] = standings;
  const whole = ({ seconds }: Standing) => seconds['text to metrics'];
  console.log(
    `${set.queries} queries x ${set.depth} documents, a run of ${megabytes(statSync(run).size / 1e6)}, ten measures; smallest of ${count}, peak RSS`,
  );
  printTable(
    ['', 'seconds', 'ratio', 'peak RSS'],
    standings.map((one) => [one.name, seconds(whole(one)), ratio(whole(one) / whole(ours)), megabytes(one.peakRss)]),
  );
  for (const one of theirs) {
    console.log(`metrics: largest difference to ${one.name} ${difference(ours, one).toExponential(1)}`);
  }
}

/** trec_eval prints four decimals. */
function difference(ours: Standing, theirs: Standing): number {
  return Math.max(
    ...Object.entries(ours.metrics ?? {}).map(([name, value]) => Math.abs((value ?? Number.NaN) - (theirs.metrics?.[name] ?? Number.NaN))),
  );
}
