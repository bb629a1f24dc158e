import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddingBatch } from '../src/data/embedding-batch.js';
import { Gallery } from '../src/data/gallery.js';
import { ExactSearcher } from '../src/search/exact.js';
import { type Measurement, runPeer } from './child.js';
import { groupRow, NEAR, type NearDuplicates, nearDuplicates, SEPARATIONS, trueDistance } from './near-duplicates.js';
import { openNpy } from './npy.js';
import { percent, printMarkdown, ratio } from './print.js';
import { printVersions } from './search.js';
import { median } from './statistics.js';

const NORMS = [1, 20];
const PAIRS = 1000;
const GROUPS = 500;
/** Results whose order is looked at. */
const TOP = 10;

/** The nearest TOP rows of every query, as a library finds them. */
interface Answer {
  readonly ids: readonly (readonly number[])[];
  readonly distances: readonly (readonly number[])[];
}

/** What the libraries of bench/peers/accuracy.py answer. */
interface PeerAnswers extends Measurement {
  readonly answers: Readonly<Record<string, Answer>>;
}

/** How wrong the distances of near-duplicates are, and their order: ours and the peers', against float64. */
export async function accuracyBench({ scale, peers: python }: { scale: number; peers?: string }): Promise<void> {
  console.log(
    'identical: share at distance 0 / largest distance; apart: share at distance 0 / median relative error / worst factor of the others',
  );
  for (const norm of NORMS) {
    const set = nearDuplicates(norm, Math.ceil(PAIRS * scale), Math.ceil(GROUPS * scale));
    const answers: Record<string, Answer> = { rankstream: await ours(set) };
    if (python) {
      const theirs = await askPeers(python, set);
      Object.assign(answers, theirs.answers);
      if (norm === NORMS[0]) printVersions([theirs]);
    }
    console.log(
      `\nVectors of length ${norm}, dimension ${set.dim}; ${set.pairs} pairs at each distance, ${set.groups} queries with ${NEAR} near-duplicates\n`,
    );
    printMarkdown(
      ['', 'identical', ...SEPARATIONS.slice(1).map((separation) => `${separation} apart`), `first ${TOP} misordered`],
      Object.entries(answers).map(([name, answer]) => [
        name,
        ...SEPARATIONS.map((separation, s) => errors(set, answer, separation, s)),
        percent(misordered(set, answer)),
      ]),
    );
  }
}

/** The share that comes out at 0, and: of identical vectors the largest distance, of others the median relative error and the worst factor of the rest. */
function errors(set: NearDuplicates, { distances }: Answer, separation: number, s: number): string {
  const pairs = Array.from({ length: set.pairs }, (_, i) => {
    const q = s * set.pairs + i;
    return { found: distances[q][0], truth: trueDistance(set, q, q) };
  });
  const zeros = pairs.filter(({ found }) => found === 0).length / pairs.length;
  if (separation === 0) return `${percent(zeros)} / ${short(Math.max(...pairs.map(({ found }) => found)))}`;
  const relative = median(pairs.map(({ found, truth }) => Math.abs(found - truth) / truth));
  const factor = Math.max(1, ...pairs.filter(({ found }) => found > 0).map(({ found, truth }) => Math.max(found / truth, truth / found)));
  return `${percent(zeros)} / ${short(relative)} / ${ratio(factor)}`;
}

/** The share of queries whose first TOP are not those of float64, in its order. */
function misordered(set: NearDuplicates, { ids }: Answer): number {
  const paired = SEPARATIONS.length * set.pairs;
  let wrong = 0;
  for (let q = paired; q < paired + set.groups; q++) {
    const truth = Array.from({ length: NEAR }, (_, n) => groupRow(paired, q, n))
      .map((row) => ({ row, distance: trueDistance(set, q, row) }))
      .sort((a, b) => a.distance - b.distance);
    if (truth.slice(0, TOP).some(({ row }, i) => row !== ids[q][i])) wrong++;
  }
  return wrong / set.groups;
}

async function ours({ dim, queries, gallery }: NearDuplicates): Promise<Answer> {
  const batch = EmbeddingBatch.fromMatrix({ data: gallery, rows: gallery.length / dim, dim });
  const searcher = await ExactSearcher.open(await Gallery.load([batch]));
  const found = await searcher.search({ data: queries, rows: queries.length / dim, dim }, TOP);
  await searcher.close();
  const lists = (values: Int32Array | Float32Array) =>
    Array.from({ length: found.offsets.length - 1 }, (_, q) => [...values.subarray(found.offsets[q], found.offsets[q + 1])]);
  return { ids: lists(found.ids), distances: lists(found.distances) };
}

async function askPeers(python: string, { dim, queries, gallery }: NearDuplicates): Promise<PeerAnswers> {
  const folder = mkdtempSync(join(tmpdir(), 'rankstream-bench-'));
  try {
    for (const [side, values] of Object.entries({ q: queries, g: gallery })) {
      const file = openNpy(`${folder}/${side}.npy`, '<f4', [values.length / dim, dim]);
      file.write(values);
      file.close();
    }
    const argument = { folder, k: TOP, threads: availableParallelism(), form: 'batch', queries: queries.length / dim };
    return await runPeer<PeerAnswers>(python, 'accuracy', argument);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function short(value: number): string {
  if (value === 0) return '0';
  return value < 1e-3 ? value.toExponential(1) : value.toPrecision(2);
}
