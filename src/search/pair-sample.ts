import type { EmbeddingBatch } from '../data/embedding-batch.js';
import { exactCounts } from '../data/exact-counts.js';
import { floatOf, keyOf } from '../data/float-key.js';
import type { Gallery } from '../data/gallery.js';
import { KeyBins, type KeyRange } from '../data/key-bins.js';
import { PairCounts, type PairMeasure } from '../data/pair-counts.js';
import { randomOf } from '../data/random.js';
import type { PairBlock } from './pair-block.js';
import type { PairCounter, PairPlan } from './pair-counter.js';
import type { SampleAnswer } from './pair-worker.js';

/** The first look: so many queries, in groups, each group with gallery rows of its own, so that the groups tell how much a sample errs. */
const QUERIES = 2048;
const GROUPS = 16;
const ROWS = 2048;
const POSITIVES = 1024;
const SEED = 5;
/** The most bins of a close look, and by what part of itself a distance seen from afar may be off. */
const BINS = 2 ** 18;
const CLOSE = 64;
/** The largest float32. */
const LARGEST = 2 ** 128 - 2 ** 104;
/** How many standard errors a bracket reaches to both sides. */
const REACH = 5;

/**
 * Brackets, from a seeded sample of the queries and the gallery, the distances on which the measures depend: bins of single values there, coarse bins
 * elsewhere. The answer does not depend on the sample, only the number of passes does.
 * @see J. Shao, C. F. J. Wu, "A General Theory for Jackknife Variance Estimation", Annals of Statistics 17 (1989), on the delete-group jackknife
 */
export async function planPairs(
  counter: PairCounter,
  gallery: Gallery,
  queries: AsyncIterable<EmbeddingBatch> | Iterable<EmbeddingBatch>,
  measures: readonly PairMeasure[],
): Promise<PairPlan> {
  const random = randomOf(SEED);
  const { chosen, once } = await survey(counter, gallery, queries, random);
  const gallerySize = gallery.size;
  const count = Math.min(GROUPS, chosen.length);
  const rows = Math.min(ROWS, gallerySize);
  const answers = await Promise.all(
    Array.from({ length: count }, (_, g) => {
      const own = chosen.filter((_, i) => i % count === g);
      const ids = Int32Array.from({ length: rows }, (_, i) => (rows === gallerySize ? i : Math.floor(random() * gallerySize))).sort();
      return counter.sample({ block: joined(own), rows: ids, most: POSITIVES });
    }),
  );
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { positives, negatives } of answers) {
    for (const values of [positives, negatives]) {
      for (const value of values) [from, to] = [Math.min(from, value), Math.max(to, value)];
    }
  }
  if (from > to) return { bins: new KeyBins(), from: 0, to: 1, once };
  const whole = chosen.length < QUERIES && rows === gallerySize && gallerySize <= POSITIVES;
  // As if every gallery row had been looked at, so that positives and negatives keep their proportion.
  const weight = Math.round(gallerySize / rows);
  const bins = whole ? exactCounts(measures, ...pooled(answers)).bins : new KeyBins(brackets(measures, answers, weight));
  return { bins, from, to, once };
}

function pooled(answers: readonly SampleAnswer[]): [positives: Float32Array, negatives: Float32Array] {
  const join = (parts: readonly Float32Array[]) => {
    const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  };
  return [join(answers.map(({ positives }) => positives)), join(answers.map(({ negatives }) => negatives))];
}

/** For each measure the keys between which the distances that decide it most probably lie. */
function brackets(measures: readonly PairMeasure[], groups: readonly SampleAnswer[], weight: number): KeyRange[] {
  // Coarse bins show where to look closely.
  const rough = jackknife(measures, groups, weight, new KeyBins());
  const around = rough.flatMap((estimates) => {
    if (estimates.length === 0) return [];
    const [low, high] = [Math.min(...estimates.map(({ low }) => low)), Math.max(...estimates.map(({ high }) => high))];
    return [keyRange(low - Math.abs(low) / CLOSE, high + Math.abs(high) / CLOSE)];
  });
  return jackknife(measures, groups, weight, new KeyBins(around, BINS)).flatMap(([whole, ...without]) => {
    if (!whole) return [];
    const middles = without.map(({ low, high }) => (low + high) / 2);
    const mean = middles.reduce((sum, value) => sum + value, 0) / middles.length;
    const squares = middles.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const reach = middles.length > 1 ? REACH * Math.sqrt(((middles.length - 1) / middles.length) * squares) : 0;
    return [keyRange(whole.low - reach, whole.high + reach)];
  });
}

/** Distances between which a measure is decided, as far as the bins tell. */
interface Estimate {
  readonly low: number;
  readonly high: number;
}

/** The estimates of each measure: of all groups, then of all but one. A measure that is not defined on all groups has none. */
function jackknife(measures: readonly PairMeasure[], groups: readonly SampleAnswer[], weight: number, bins: KeyBins): Estimate[][] {
  const counted = ({ positives, negatives }: SampleAnswer) => {
    const counts = new PairCounts(bins);
    counts.add(positives, true);
    counts.add(negatives, false);
    for (let bin = 0; bin < counts.negatives.length; bin++) counts.negatives[bin] *= weight;
    return counts;
  };
  const all = new PairCounts(bins);
  for (const group of groups) all.merge(counted(group));
  const estimates = measures.map((measure) => estimate(measure, all));
  for (const group of groups) {
    const own = counted(group);
    all.merge(own, -1);
    for (const [m, measure] of measures.entries()) if (estimates[m].length > 0) estimates[m].push(...estimate(measure, all));
    all.merge(own);
  }
  return estimates;
}

function estimate(measure: PairMeasure, counts: PairCounts): Estimate[] {
  const deciding = measure.deciding(counts);
  if (deciding.length === 0) return [];
  const { bins } = counts;
  return [{ low: floatOf(bins.firstKey(Math.min(...deciding))), high: floatOf(bins.lastKey(Math.max(...deciding))) }];
}

function keyRange(low: number, high: number): KeyRange {
  return { first: keyOf(Math.max(low, -LARGEST)), last: keyOf(Math.min(high, LARGEST)) };
}

interface Chosen {
  readonly vector: Float32Array;
  readonly label: number;
  readonly self: number;
  readonly sequence: number;
}

/** A uniform sample of the queries, in random order (Vitter's algorithm R), and whether the queries are the gallery, row by row. */
async function survey(
  counter: PairCounter,
  gallery: Gallery,
  queries: AsyncIterable<EmbeddingBatch> | Iterable<EmbeddingBatch>,
  random: () => number,
): Promise<{ chosen: Chosen[]; once: boolean }> {
  const chosen: Chosen[] = [];
  let seen = 0;
  let same = true;
  for await (const batch of queries) {
    const block = counter.block(batch);
    for (let q = 0; q < batch.rows; q++) {
      same &&= isGalleryRow(gallery, block, q, seen);
      const place = seen++ < QUERIES ? chosen.length : Math.floor(random() * seen);
      if (place >= QUERIES) continue;
      chosen[place] = {
        vector: batch.data.slice(q * batch.dim, (q + 1) * batch.dim),
        label: block.labels[q],
        self: block.self?.[q] ?? -1,
        sequence: block.sequences?.[q] ?? -1,
      };
    }
  }
  return { chosen, once: same && seen === gallery.size };
}

/** Whether a query is a gallery row in every respect: the same item, vector, label and sequence. */
function isGalleryRow(gallery: Gallery, { queries, self, labels, sequences }: PairBlock, q: number, row: number): boolean {
  if (self?.[q] !== row || gallery.labels?.codes[row] !== labels[q]) return false;
  if ((gallery.sequences?.codes[row] ?? -1) !== (sequences?.[q] ?? -1)) return false;
  const vector = gallery.vectors.row(row);
  return vector.every((x, i) => Object.is(x, queries[q * vector.length + i]));
}

function joined(chosen: readonly Chosen[]): PairBlock {
  const dim = chosen[0].vector.length;
  const queries = new Float32Array(chosen.length * dim);
  chosen.forEach(({ vector }, i) => {
    queries.set(vector, i * dim);
  });
  return {
    queries,
    rows: chosen.length,
    firstQuery: 0,
    labels: Int32Array.from(chosen, ({ label }) => label),
    self: Int32Array.from(chosen, ({ self }) => self),
    sequences: Int32Array.from(chosen, ({ sequence }) => sequence),
  };
}
