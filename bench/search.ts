import { availableParallelism } from 'node:os';
import { type Device, resolveDevice } from '../src/runtime/devices.js';
import { CASES, type CaseName, type SearchCase, scaledCase } from './cases.js';
import type { Measurement } from './child.js';
import { type Entrant, entrants } from './contestants.js';
import { ensureData } from './data.js';
import { megabytes, milliseconds, printTable, ratio, seconds } from './print.js';
import { rounds, type Standing } from './rounds.js';

export interface SearchBench {
  readonly case: readonly CaseName[];
  readonly rounds: number;
  readonly scale: number;
  /** Where rankstream searches. */
  readonly device: 'auto' | Device;
  /** A Python with the peers. */
  readonly peers?: string;
}

/** The search, in every case that is asked for, beside the bare graph and the peers. */
export async function searchBench({ case: names, rounds: count, scale, device: asked, peers: python }: SearchBench): Promise<void> {
  const device = await resolveDevice(asked);
  const threads = availableParallelism();
  for (const name of names) {
    const one = scaledCase(CASES[name], scale);
    const folder = await ensureData(one.set);
    const field = entrants({ name, scale, folder, threads, device, python });
    const standings = await rounds(field, count);
    console.log(`\n${name}: ${described(one)}, ${threads} threads, rankstream on ${device}; smallest of ${count}, peak RSS of the process`);
    if (python) printVersions([...standings.values()]);
    printStandings(one, field, standings);
  }
}

function described({ set, k, form, queries }: SearchCase): string {
  const gallery = `${set.gallery} x ${set.world.dim}`;
  if (form === 'self') return `${gallery} all against all, each item without itself, k = ${k}`;
  const many = `${queries} queries, gallery ${gallery}, k = ${k}`;
  return form === 'single' ? `${many}, one after the other, the median of them` : many;
}

/** Of the peers, and which matrix kernels they ran. */
export function printVersions(standings: readonly Measurement[]): void {
  const versions = Object.assign({}, ...standings.map((standing) => standing.versions ?? {})) as Record<string, string>;
  console.log(
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  );
  console.log(`matrix kernels of the peers: ${[...new Set(standings.flatMap(({ kernels }) => kernels ?? []))].join(', ')}`);
}

function printStandings(one: SearchCase, field: readonly Entrant[], standings: ReadonlyMap<string, Standing>): void {
  const of = (name: string) => standings.get(name) as Standing;
  const time = ({ name, part, fraction }: Entrant) => of(name).seconds[part] / fraction;
  const base = field.find(({ name }) => name.startsWith('FAISS')) ?? field[0];
  const vectors = (4 * one.set.world.dim * (one.set.gallery + (one.form === 'self' ? 0 : one.queries))) / 1e6;
  const ours = of('rankstream');
  const rows = field.map((entrant) => {
    const { peakRss, sample } = of(entrant.name);
    return [
      entrant.name,
      entrant.what,
      (one.form === 'single' ? milliseconds : seconds)(time(entrant)),
      ratio(time(base) / time(entrant)),
      megabytes(peakRss),
      megabytes(peakRss - vectors),
      sample ? `${(100 * common(sample, ours.sample ?? [])).toFixed(2)}%` : '',
    ];
  });
  printTable(['', 'what', one.form === 'single' ? 'median' : 'seconds', 'speed', 'peak RSS', 'above vectors', 'same ids'], rows);
  console.log(
    `speed: the seconds of ${base.name} divided by those of the row; above vectors: peak RSS less ${vectors.toFixed(0)} MB of queries and gallery; same ids: shared with rankstream, in a sample`,
  );
  const gallery = (4 * one.set.world.dim * one.set.gallery) / 1e6;
  console.log(`peak RSS of rankstream: 2.2 times the gallery's ${megabytes(gallery)}, and ${megabytes(ours.peakRss - 2.2 * gallery)}`);
  const [metrics, omlMetrics] = ['rankstream, metrics', 'OML, metrics'].map((name) => standings.get(name)?.metrics);
  if (metrics && omlMetrics) console.log(`metrics: largest difference to OML ${difference(metrics, omlMetrics).toExponential(1)}`);
}

/** The share of the ids of `b` that are in `a`, query by query. */
function common(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  const shared = b.map((ids, q) => ids.filter((id) => a[q]?.includes(id)).length);
  return shared.reduce((sum, count) => sum + count, 0) / b.reduce((sum, ids) => sum + ids.length, 0);
}

type Metrics = NonNullable<Standing['metrics']>;

/** Of the metrics that OML defines; it keeps means in float32. */
function difference(ours: Metrics, theirs: Metrics): number {
  const defined = Object.entries(theirs).filter((entry): entry is [string, number] => entry[1] !== null);
  return Math.max(...defined.map(([name, value]) => Math.abs((ours[name] ?? Number.NaN) - value)));
}
