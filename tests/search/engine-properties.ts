import { Int32, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { DISTANCES, type Distance, type Matrix } from '../../src/data/matrix.js';
import { canonicalDistance } from '../../src/search/canonical.js';
import { HnswSearcher } from '../../src/search/hnsw.js';
import type { Ignored, Searcher, TopK } from '../../src/search/searcher.js';
import { openTfjs } from '../../src/search/tfjs.js';
import { bruteForce } from './support.js';
import { tensorflow } from './tensorflow.js';
import { sizes, WORLD_KINDS, worldOf } from './worlds.js';

type Opener = (gallery: Gallery, distance: Distance) => Promise<Searcher>;

/** Small graphs, so that walks go astray. */
const hnsw = (ef: number): Opener => {
  return (gallery, distance) => HnswSearcher.build(gallery, { distance, m: 4, efConstruction: 20, ef });
};
const tfjs = (backend: 'wasm' | 'cpu', roundoff?: number): Opener => {
  return async (gallery, distance) => openTfjs(await tensorflow(backend), gallery, { distance, roundoff, columns: 100 });
};

/** Engines that may miss items. */
const APPROXIMATE: Readonly<Record<string, Opener>> = { hnsw: hnsw(1), 'tfjs with wasm': tfjs('wasm'), 'tfjs with cpu': tfjs('cpu') };
/** Engines that may not, by proof or because they see every item. */
const EXACT: Readonly<Record<string, Opener>> = {
  'hnsw with ef of the gallery': hnsw(2000),
  'tfjs with wasm and roundoff': tfjs('wasm', 2 ** -24),
  'tfjs with cpu and roundoff': tfjs('cpu', 2 ** -24),
};

const cases = fc.record({
  kind: fc.constantFrom(...WORLD_KINDS),
  size: sizes,
  sharded: fc.boolean(),
  sequences: fc.integer({ min: 1, max: 9 }),
});

interface Searched {
  readonly gallery: Matrix;
  readonly queries: Matrix;
  readonly found: TopK;
  readonly k: number;
  ignored(q: number, row: number): boolean;
}

/** Searches a world where every query has an item of its own, and some a sequence; hands the answer to `check`. */
function onWorlds(open: Opener, distance: Distance, numRuns: number, check: (searched: Searched) => void): Promise<void> {
  return fc.assert(
    fc.asyncProperty(cases, async ({ kind, size: { seed, rows, queries: count, dim, k }, sharded, sequences }) => {
      const { gallery, queries } = worldOf(kind, seed, rows, count, dim);
      const sequence = vectorFromArray(
        Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? null : row % sequences)),
        new Int32(),
      );
      const loaded = await Gallery.load([EmbeddingBatch.fromMatrix(gallery, { sequence })], {
        shardBytes: sharded ? Math.ceil(rows / 2) * dim * 4 : undefined,
      });
      const own = Int32Array.from({ length: count }, (_, q) => (q * 7) % rows);
      const codes = Int32Array.from({ length: count }, (_, q) => (q % 2 === 0 ? (loaded.sequences?.code(q % sequences) ?? -1) : -1));
      const ignored: Ignored = { self: own, sequence: codes };
      const searcher = await open(loaded, distance);
      try {
        const found = await searcher.search(queries, k, ignored);
        check({
          gallery,
          queries,
          found,
          k,
          ignored: (q, row) => row === own[q] || (codes[q] >= 0 && loaded.sequences?.codes[row] === codes[q]),
        });
      } finally {
        await searcher.close();
      }
    }),
    { numRuns },
  );
}

const vectorOf = ({ data, dim }: Matrix, row: number) => data.subarray(row * dim, (row + 1) * dim);

/** What every engine promises, and what those promise that see everything. @param numRuns worlds for each engine and distance */
export function enginesOnWorlds(numRuns: number): void {
  describe.each(Object.entries(APPROXIMATE))('%s', (_, open) => {
    it.each(DISTANCES)('%s: full lists in order, at canonical distances, without ignored items', async (distance) => {
      await onWorlds(open, distance, numRuns, ({ gallery, queries, found, k, ignored }) => {
        for (let q = 0; q < queries.rows; q++) {
          const ids = [...found.ids.subarray(found.offsets[q], found.offsets[q + 1])];
          const distances = [...found.distances.subarray(found.offsets[q], found.offsets[q + 1])];
          const allowed = Array.from({ length: gallery.rows }, (_, row) => row).filter((row) => !ignored(q, row));
          expect(ids.length).toBe(Math.min(k, allowed.length));
          expect(new Set(ids).size).toBe(ids.length);
          expect(ids.filter((row) => ignored(q, row))).toEqual([]);
          expect(distances).toEqual(ids.map((row) => canonicalDistance(distance, vectorOf(queries, q), vectorOf(gallery, row))));
          const order = ids.map((row, i) => [distances[i], row]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
          expect(ids).toEqual(order.map(([, row]) => row));
        }
      });
    });
  });

  describe.each(Object.entries(EXACT))('%s', (_, open) => {
    it.each(DISTANCES)('%s: is brute force', async (distance) => {
      await onWorlds(open, distance, numRuns, ({ gallery, queries, found, k, ignored }) => {
        for (let q = 0; q < queries.rows; q++) {
          const expected = bruteForce(gallery, vectorOf(queries, q), distance, k, (row) => ignored(q, row));
          expect([...found.ids.subarray(found.offsets[q], found.offsets[q + 1])]).toEqual(expected.map(([, row]) => row));
        }
      });
    });
  });
}
