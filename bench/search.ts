import { availableParallelism } from 'node:os';
import { type Device, resolveDevice } from '../src/runtime/devices.js';
import { runChild, runPeer } from './child.js';
import { ensureData, PRODUCTS, scaled } from './data.js';
import { megabytes, printTable, ratio, seconds } from './print.js';
import { type Contestant, rounds, type Standing } from './rounds.js';

export interface SearchBench {
  readonly rounds: number;
  readonly k: number;
  readonly scale: number;
  /** Where rankstream searches vectors in memory. */
  readonly device: 'auto' | Device;
  /** A Python with faiss-cpu and open-metric-learning. */
  readonly peers?: string;
}

const METRICS = 'cmc@1,cmc@5,cmc@10,precision@5,precision@10,map@5,map@10,map@100';
/** Queries in one run of the bare graph; the best of them counts. */
const BATCHES = [64, 128, 256];

/** 10,000 queries against 60,502 gallery vectors of dimension 384: the search and the metrics, beside the bare graph, FAISS and OML. */
export async function searchBench({ rounds: count, k, scale, device: asked, peers }: SearchBench): Promise<void> {
  const device = await resolveDevice(asked);
  const set = scaled(PRODUCTS, scale);
  const folder = await ensureData(set);
  const threads = availableParallelism();
  const files = { queries: `${folder}/q.parquet`, gallery: `${folder}/g.parquet` };
  const bare = (name: string, k: number): Contestant => ({
    name,
    run: () => runChild('bare-graph', { folder, k, batches: BATCHES, threads }),
  });
  const contestants: Contestant[] = [
    bare('bare ONNX graph', k),
    { name: 'rankstream', run: () => runChild('in-memory', { folder, k, metrics: METRICS, threads, device, batchRows: 1024 }) },
    { name: 'rankstream from Parquet', run: () => runChild('from-parquet', { ...files, k, metrics: METRICS, by: ['category'], threads }) },
  ];
  if (peers) {
    contestants.push({ name: 'FAISS', run: () => runPeer(peers, 'faiss_search', [folder, `${k}`, `${threads}`]) });
    contestants.push({ name: 'OML', run: () => runPeer(peers, 'oml_search', [folder, `${k}`, `${threads}`, METRICS]) });
  }
  const standings = await rounds(contestants, count);

  const graph = standing(standings, 'bare ONNX graph');
  const [best, base] = Object.entries(graph.seconds)
    .filter(([part]) => part.startsWith('batch'))
    .sort((a, b) => a[1] - b[1])[0];
  const row = (name: string, what: string, time: number) => [
    name,
    what,
    seconds(time),
    ratio(time / base),
    megabytes(standing(standings, name).peakRss),
  ];
  const ours = standing(standings, 'rankstream');
  const rows = [
    row('bare ONNX graph', `search, unordered, ${best}`, base),
    row('rankstream', `search, order, metrics (${ours.notes?.device})`, ours.seconds['search + metrics']),
    row(
      'rankstream from Parquet',
      'all, reading and opening too',
      standing(standings, 'rankstream from Parquet').seconds['files to metrics'],
    ),
  ];
  if (peers) {
    const oml = standing(standings, 'OML');
    rows.push(row('FAISS', 'search', standing(standings, 'FAISS').seconds.search));
    rows.push(row('OML', 'search, RR, metrics', oml.seconds['search + metrics']));
    console.log(
      Object.entries({ ...oml.versions, ...standing(standings, 'FAISS').versions })
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    );
  }
  console.log(
    `${set.queries} queries x ${set.gallery} gallery x ${set.world.dim}, k = ${k}, ${threads} threads; smallest of ${count}, peak RSS of the process`,
  );
  printTable(['', 'what', 'seconds', 'ratio', 'peak RSS'], rows);
  if (peers) console.log(`metrics: largest difference to OML ${difference(ours, standing(standings, 'OML')).toExponential(1)}`);
}

function standing(standings: ReadonlyMap<string, Standing>, name: string): Standing {
  return standings.get(name) as Standing;
}

/** OML keeps means in float32. */
function difference(ours: Standing, theirs: Standing): number {
  return Math.max(
    ...Object.entries(theirs.metrics ?? {}).map(([name, value]) => Math.abs((ours.metrics?.[name] ?? Number.NaN) - (value ?? Number.NaN))),
  );
}
