import type { Device } from '../src/runtime/devices.js';
import { CASES, type CaseName, scaledCase } from './cases.js';
import { runChild, runPeer, type SearchArgument } from './child.js';
import type { Contestant } from './rounds.js';

/** A contestant of the search benchmark, and how its row is to be read. */
export interface Entrant extends Contestant {
  /** What its seconds are of. */
  readonly what: string;
  /** The part of its measurement that the row shows. */
  readonly part: string;
  /** Seconds and queries that were searched are those of the case divided by this. */
  readonly fraction: number;
}

export interface Field {
  readonly name: CaseName;
  readonly scale: number;
  readonly folder: string;
  readonly threads: number;
  /** Where rankstream searches. */
  readonly device: Device;
  /** A Python with the peers. */
  readonly python?: string;
}

const METRICS = 'cmc@1,cmc@5,cmc@10,precision@5,precision@10,map@5,map@10,map@100';
/** Queries in one run of the bare graph; the best of them counts. */
const BATCHES = [64, 128, 256];
/** Peers that take minutes search no more queries than these; their time is proportional to the queries, which they take in blocks. */
const MOST_QUERIES = 10_000;

/** Who competes in a case. The case `products` is the whole way too: to metrics, and from files. */
export function entrants({ name, scale, folder, threads, device, python }: Field): Entrant[] {
  const { form, k, queries } = scaledCase(CASES[name], scale);
  const argument: SearchArgument = { folder, k, threads, form, queries };
  const files = { queries: `${folder}/q.parquet`, gallery: `${folder}/g.parquet` };
  const whole = name === 'products';
  const plain = { what: 'search', part: 'search', fraction: 1 };
  const measured = { what: 'search, metrics', part: 'search + metrics', fraction: 1 };

  const ours: Entrant[] = [{ name: 'rankstream', ...plain, run: () => runChild('search', { ...argument, device }) }];
  if (whole) {
    ours.unshift({
      name: 'bare ONNX graph',
      what: 'search, unordered',
      part: 'search',
      fraction: 1,
      run: () => runChild('bare-graph', { folder, k, batches: BATCHES, threads }),
    });
    ours.push(
      { name: 'rankstream, metrics', ...measured, run: () => runChild('in-memory', { folder, k, metrics: METRICS, threads, device }) },
      {
        name: 'rankstream from Parquet',
        what: 'all, reading and opening too',
        part: 'files to metrics',
        fraction: 1,
        run: () => runChild('from-parquet', { ...files, k, metrics: METRICS, by: ['category'], threads }),
      },
    );
  }
  if (python === undefined) return ours;

  const peer = (name: string, script: string, more: object = {}): Entrant => ({
    name,
    ...plain,
    run: () => runPeer(python, script, { ...argument, ...more }),
  });
  const slowPeer = (name: string, script: string, more: object = {}): Entrant => {
    const some = Math.min(queries, MOST_QUERIES);
    const what = some < queries ? `search, scaled from ${some} queries` : 'search';
    return { ...peer(name, script, { ...more, queries: some }), what, fraction: some / queries };
  };
  const peers = [
    peer('FAISS IndexFlatL2', 'faiss_search'),
    slowPeer('torch matmul, topk', 'torch_search', { how: 'matmul' }),
    slowPeer('torch cdist, topk', 'torch_search', { how: 'cdist' }),
    slowPeer('scikit-learn brute', 'sklearn_search'),
    slowPeer('OML batched_knn', 'oml_search'),
  ];
  if (whole) peers.push({ ...peer('OML, metrics', 'oml_metrics', { metrics: METRICS }), ...measured });
  return [...ours, ...peers];
}
