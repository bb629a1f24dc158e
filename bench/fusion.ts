import { availableParallelism } from 'node:os';
import { type Measurement, runChild, runPeer } from './child.js';
import { ratio, seconds } from './print.js';
import { type Contestant, rounds, type Standing } from './rounds.js';
import { ensureTrecData, TREC } from './trec-data.js';

export interface FusionBench {
  readonly rounds: number;
  readonly scale: number;
  /** A Python with ranx; without it the peer is left out. */
  readonly peers?: string;
}

/** Ten methods, under the names of `rankstream fuse`. */
const METHODS = ['sum', 'mnz', 'anz', 'max', 'min', 'med', 'rrf', 'isr', 'rbc', 'borda'];
/** Those that ranx is measured by: one of scores, one of ranks. It takes tens of seconds for each. */
const WITH_RANX = ['mnz', 'rrf'];

/**
 * Ten fusions of two runs, from results in memory to results in memory, scores normalised by min-max: the row of a table. ranx runs two of them, and its
 * seconds for ten are five times these; its runs are those of the files, in `Run` objects.
 */
export async function fusionRow({ rounds: count, scale, peers }: FusionBench) {
  // 200 documents, so that half of what one run retrieved is in the other too.
  const set = { ...TREC, documents: 200, queries: Math.ceil(TREC.queries * scale) };
  const folders = [await ensureTrecData(set), await ensureTrecData({ ...set, seed: set.seed + 1 })];
  const runs = folders.map((folder) => `${folder}/run.txt`);
  const qrels = `${folders[0]}/qrels.txt`;
  const contestants: Contestant[] = [
    { name: 'rankstream', run: () => runChild('fusion', { runs, qrels, methods: METHODS, documents: TREC.documents }) },
  ];
  if (peers)
    contestants.push({
      name: 'ranx',
      run: () => runPeer(peers, 'ranx_fuse', { runs, methods: WITH_RANX, threads: availableParallelism() }),
    });
  // ranx takes more than all other rows together.
  const standings = await rounds(contestants, Math.min(count, 2));
  const [ours, theirs] = [standings.get('rankstream') as Standing, standings.get('ranx')];
  if (theirs) refuseUnlike(ours, theirs);
  const of = (one: Measurement, methods: readonly string[]) => methods.reduce((sum, method) => sum + one.seconds[method], 0);
  const whole = of(ours, METHODS);
  const ranx = theirs && (of(theirs, WITH_RANX) * METHODS.length) / WITH_RANX.length;
  return {
    what: `${METHODS.length} fusions of 2 runs of ${set.queries} x ${set.depth}`,
    ours: seconds(whole),
    beside:
      theirs && ranx
        ? `${seconds(ranx)} (ranx ${theirs.versions?.ranx}, ${METHODS.length / WITH_RANX.length} x ${WITH_RANX.join(', ')})`
        : '-',
    ratio:
      theirs && ranx
        ? `${ratio(ranx / whole)} (${WITH_RANX.map((m) => `${m} ${ratio(theirs.seconds[m] / ours.seconds[m])}`).join(', ')})`
        : '-',
    target: 'at least 5.00x',
  };
}

/** What both have computed: the mean score of the first document. Documents at equal scores have other ranks in ranx, which few queries show. */
function refuseUnlike(ours: Standing, theirs: Standing): void {
  for (const method of WITH_RANX) {
    const [a, b] = [ours, theirs].map(({ metrics }) => metrics?.[method] ?? Number.NaN);
    if (!(Math.abs(a - b) <= 1e-4 * Math.abs(a))) throw new Error(`${method}: rankstream's first documents score ${a}, those of ranx ${b}`);
  }
}
