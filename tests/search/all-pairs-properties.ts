import { Int32, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { exactCounts } from '../../src/data/exact-counts.js';
import { Gallery } from '../../src/data/gallery.js';
import type { KeyBins } from '../../src/data/key-bins.js';
import { DISTANCES, type Distance, type Matrix } from '../../src/data/matrix.js';
import { PairCounts } from '../../src/data/pair-counts.js';
import { queryRows } from '../../src/data/split.js';
import { bestF1 } from '../../src/metrics/best-f1.js';
import { eer } from '../../src/metrics/eer.js';
import { fmrThresholdMeasure, fnmrAtFmr, tarAtFar } from '../../src/metrics/fnmr.js';
import { pairValues } from '../../src/metrics/pair-values.js';
import { allPairs } from '../../src/search/all-pairs.js';
import { canonicalDistance } from '../../src/search/canonical.js';
import { sizes, WORLD_KINDS, worldOf } from './worlds.js';

export const MEASURES = [0, 0.01, 0.1, 0.7]
  .flatMap((x) => [fnmrAtFmr(x), fmrThresholdMeasure(x)])
  .concat([tarAtFar(0.05), eer(), bestF1()]);

/** What tells pairs apart: labels and sequences (null: none) and, in one table, that a row is its own item. */
export interface Marks {
  readonly label: readonly (number | null)[];
  readonly sequence?: readonly (number | null)[];
}

export function batchOf(matrix: Matrix, { label, sequence }: Marks): EmbeddingBatch {
  const column = (values: readonly (number | null)[]) => vectorFromArray([...values], new Int32());
  return EmbeddingBatch.fromMatrix(matrix, { label: column(label), ...(sequence && { sequence: column(sequence) }) });
}

/** Distances of all pairs that count, by definition. */
export function everyPair(distance: Distance, queries: Matrix, gallery: Matrix, of: { query: Marks; gallery: Marks; sameRows: boolean }) {
  const pairs = { positives: [] as number[], negatives: [] as number[] };
  const row = ({ data, dim }: Matrix, i: number) => data.subarray(i * dim, (i + 1) * dim);
  for (let q = 0; q < queries.rows; q++) {
    for (let g = 0; g < gallery.rows; g++) {
      const [a, b] = [of.query.label[q], of.gallery.label[g]];
      if (a === null || b === null || (of.sameRows && q === g)) continue;
      const sequence = of.query.sequence?.[q];
      if (typeof sequence === 'number' && sequence === of.gallery.sequence?.[g]) continue;
      pairs[a === b ? 'positives' : 'negatives'].push(canonicalDistance(distance, row(queries, q), row(gallery, g)));
    }
  }
  return { positives: Float32Array.from(pairs.positives), negatives: Float32Array.from(pairs.negatives) };
}

/** Distances counted one by one. */
export function binned(bins: KeyBins, { positives, negatives }: { positives: Float32Array; negatives: Float32Array }): PairCounts {
  const counts = new PairCounts(bins);
  counts.add(positives, true);
  counts.add(negatives, false);
  return counts;
}

/** All measures of all pairs are those of the definition, to the bit, on worlds of every kind. @param numRuns worlds of each kind */
export function allPairsOnEveryWorld(numRuns: number): void {
  describe.each(WORLD_KINDS)('vectors %s', (kind) => {
    it.each(DISTANCES)('%s', async (distance) => {
      const world = fc.tuple(sizes, fc.integer({ min: 1, max: 12 }), fc.boolean(), fc.boolean(), fc.boolean());
      await fc.assert(
        fc.asyncProperty(world, async ([{ seed, rows, queries: count, dim }, labels, sharded, oneTable, sequences]) => {
          const { gallery, queries: others } = worldOf(kind, seed, Math.min(rows, 400), count * 8, dim);
          const queries = oneTable ? gallery : others;
          const marks = ({ rows: n }: Matrix, salt: number): Marks => ({
            label: Array.from({ length: n }, (_, i) => ((i * 7 + salt) % 11 === 3 ? null : (i * salt) % labels)),
            sequence: sequences ? Array.from({ length: n }, (_, i) => (i % 3 === 0 ? null : i % 5)) : undefined,
          });
          const galleryMarks = marks(gallery, 1);
          const queryMarks = oneTable ? galleryMarks : marks(queries, 5);
          const loaded = await Gallery.load([batchOf(gallery, galleryMarks)], {
            shardBytes: sharded ? Math.ceil(gallery.rows / 2) * dim * 4 : undefined,
          });
          const whole = batchOf(queries, queryMarks);
          const source = oneTable ? await collect(queryRows(asTable(whole))) : [whole];
          const counts = await allPairs(loaded, source, MEASURES, { distance, threads: 2 });
          const pairs = everyPair(distance, queries, gallery, { query: queryMarks, gallery: galleryMarks, sameRows: oneTable });
          expect(JSON.stringify(counts)).toBe(JSON.stringify(binned(counts.bins, pairs)));
          const expected = exactCounts(MEASURES, pairs.positives, pairs.negatives);
          expect(pairValues(MEASURES, counts).metrics).toEqual(pairValues(MEASURES, expected).metrics);
        }),
        { numRuns },
      );
    });
  });
}

export async function* asTable(...batches: EmbeddingBatch[]): AsyncGenerator<EmbeddingBatch, void, undefined> {
  yield* batches;
}

export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}
