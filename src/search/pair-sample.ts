import type { EmbeddingBatch } from '../data/embedding-batch.js';
import { KEYS, keyOf } from '../data/float-key.js';
import type { Gallery } from '../data/gallery.js';
import { KeyBins, type KeyRange } from '../data/key-bins.js';
import { PairCounts, type PairMeasure } from '../data/pair-counts.js';
import { randomOf } from '../data/random.js';
import type { PairCounter, PairPlan } from './pair-counter.js';
import type { PairBlock } from './pair-lane.js';
import type { SampleAnswer } from './pair-worker.js';

/** The first look: so many queries, in groups, each group with gallery rows of its own, so that the groups tell how much a sample errs. */
const QUERIES = 2048;
const GROUPS = 32;
const ROWS = 2048;
const POSITIVES = 1024;
const SEED = 5;
/** Bins of the first look between its smallest and its largest distance. */
const BINS = 2 ** 16;
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

  const bins = new KeyBins([{ first: keyOf(from), last: keyOf(to) }], BINS);
  // As if every gallery row had been looked at, so that positives and negatives keep their proportion.
  const weight = Math.round(gallerySize / rows);
  const counted = (answer: SampleAnswer) => {
    const counts = new PairCounts(bins);
    counts.add(answer.positives, true);
    counts.add(answer.negatives, false);
    for (let bin = 0; bin < counts.negatives.length; bin++) counts.negatives[bin] *= weight;
    return counts;
  };
  const pooled = new PairCounts(bins);
  for (const answer of answers) pooled.merge(counted(answer));
  const estimates = measures.map((measure) => [spread(measure, pooled)]);
  if (answers.length > 1) {
    for (const answer of answers) {
      const own = counted(answer);
      pooled.merge(own, -1);
      for (const [m, measure] of measures.entries()) estimates[m].push(spread(measure, pooled));
      pooled.merge(own);
    }
  }
  return { bins: new KeyBins(estimates.flatMap(bracket)), from, to, once };
}

/** The keys on which a measure depends, as far as the bins tell. */
function spread(measure: PairMeasure, counts: PairCounts): KeyRange | undefined {
  const deciding = measure.deciding(counts);
  if (deciding.length === 0) return undefined;
  return {
    first: Math.min(...deciding.map((bin) => counts.bins.firstKey(bin))),
    last: Math.max(...deciding.map((bin) => counts.bins.lastKey(bin))),
  };
}

/** The first estimate, widened by the standard error that the others, each without one group, tell. */
function bracket([whole, ...without]: readonly (KeyRange | undefined)[]): KeyRange[] {
  if (!whole) return [];
  const middles = without.flatMap((range) => (range ? [(range.first + range.last) / 2] : []));
  const mean = middles.reduce((sum, value) => sum + value, 0) / middles.length;
  const squares = middles.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = middles.length > 1 ? Math.sqrt(((middles.length - 1) / middles.length) * squares) : 0;
  const reach = Math.ceil(REACH * error);
  return [{ first: Math.max(0, whole.first - reach), last: Math.min(KEYS - 1, whole.last + reach) }];
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
