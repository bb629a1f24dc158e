import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { type KReciprocalOptions, kReciprocal } from '../../src/postprocess/k-reciprocal/k-reciprocal.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { retrieve } from '../../src/search/retrieve.js';
import { cut, cuts } from '../support/arbitraries.js';
import { naive } from './naive-k-reciprocal.js';
import { batchOf } from './reference.js';

export const THREADS = 1;

/** All results of batches through the step. */
export async function rerank(
  batches: readonly RetrievalResults[],
  gallery: Gallery,
  options: KReciprocalOptions,
): Promise<RetrievalResults> {
  const step = kReciprocal({ threads: THREADS, ...options });
  const out: RetrievalResults[] = [];
  const state = step.fit!.init();
  for (const rr of batches) step.fit!.update(state, rr);
  const fitted = step.fit!.value(state);
  for (const rr of batches) out.push(await step.process(rr, { gallery }, fitted));
  return RetrievalResults.concat(out);
}

/** Few values on a grid, so that there are ties and equal vectors. */
const vectorsOf = (most: number) =>
  fc
    .record({ dim: fc.constantFrom(1, 2, 4), rows: fc.integer({ min: 1, max: most }) })
    .chain(({ dim, rows }) =>
      fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: dim, maxLength: dim }), { minLength: rows, maxLength: rows }),
    );

interface World {
  readonly gallery: number[][];
  readonly queries: EmbeddingBatch;
  readonly options: Required<Pick<KReciprocalOptions, 'k1' | 'k2' | 'lambda'>>;
  readonly k: number;
}

const worlds: fc.Arbitrary<World> = vectorsOf(25).chain((gallery) => {
  const dim = gallery[0].length;
  const query = fc.oneof(
    fc.record({ vector: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: dim, maxLength: dim }), self: fc.constant(-1) }),
    fc.integer({ min: 0, max: gallery.length - 1 }).map((self) => ({ vector: gallery[self], self })),
  );
  return fc.record({
    gallery: fc.constant(gallery),
    queries: fc
      .array(query, { minLength: 1, maxLength: 12 })
      .map((all) => batchOf(all.map(({ vector }) => vector)).withSelf(Int32Array.from(all, ({ self }) => self))),
    options: fc.record({
      k1: fc.integer({ min: 1, max: 9 }),
      k2: fc.integer({ min: 1, max: 12 }),
      lambda: fc.constantFrom(0, 0.3, 1),
    }),
    k: fc.integer({ min: 1, max: 30 }),
  });
});

export async function retrieved({ gallery, queries, k }: World): Promise<{ rr: RetrievalResults; gallery: Gallery }> {
  const loaded = await Gallery.load([batchOf(gallery)]);
  const searcher = await ExactSearcher.open(loaded, { threads: THREADS });
  try {
    return { rr: await retrieve(searcher, loaded, queries, k), gallery: loaded };
  } finally {
    await searcher.close();
  }
}

/** Distances by query row and gallery row. */
function table(rr: RetrievalResults): Map<string, number> {
  const distances = new Map<string, number>();
  for (let q = 0; q < rr.length; q++) {
    for (const [i, id] of rr.retrievedIds(q).entries()) distances.set(`${rr.rows[q]} ${id}`, rr.distancesOf(q)[i]);
  }
  return distances;
}

/** @param effort how many times as many worlds as a fast test may look at */
export function kReciprocalProperties(effort: number): void {
  describe('kReciprocal', () => {
    it('is the definition, also with ties, equal vectors and queries of the gallery', () =>
      fc.assert(
        fc.asyncProperty(worlds, async (world) => {
          const { rr, gallery } = await retrieved(world);
          const after = await rerank([rr], gallery, world.options);
          RetrievalResults.checked(after);
          const expected = naive(world.gallery, world.queries, world.options);
          for (let q = 0; q < rr.length; q++) {
            expect([...after.retrievedIds(q)].sort()).toEqual([...rr.retrievedIds(q)].sort());
            for (const [i, id] of after.retrievedIds(q).entries())
              expect(Math.abs(after.distancesOf(q)[i] - expected(q, id))).toBeLessThan(1e-5);
          }
          if (world.options.lambda === 1) expect(after.ids).toEqual(rr.ids);
        }),
        { numRuns: 8 * effort },
      ));

    it('does not depend on the batches, nor on the order of the queries', () =>
      fc.assert(
        fc.asyncProperty(
          worlds.chain((world) => fc.record({ world: fc.constant(world), sizes: cuts(world.queries.rows), seed: fc.nat() })),
          async ({ world, sizes, seed }) => {
            const { rr, gallery } = await retrieved(world);
            const whole = await rerank([rr], gallery, world.options);
            expect((await rerank(cut(rr, sizes), gallery, world.options)).equals(whole)).toBe(true);
            const parts = Array.from({ length: rr.length }, (_, q) => rr.slice(q, q + 1));
            parts.sort((a, b) => (Math.imul(a.rows[0] + seed, 2654435761) >>> 0) - (Math.imul(b.rows[0] + seed, 2654435761) >>> 0));
            expect(table(await rerank(parts, gallery, world.options))).toEqual(table(whole));
          },
        ),
        { numRuns: 3 * effort },
      ));

    it('gives valid results of lists that no search made, also empty ones', () =>
      fc.assert(
        fc.asyncProperty(worlds, fc.array(fc.array(fc.nat(24), { maxLength: 8 })), async (world, lists) => {
          const { rr, gallery } = await retrieved(world);
          const ids = Array.from({ length: rr.length }, (_, q) => [...new Set((lists[q] ?? []).map((id) => id % gallery.size))]);
          const any = RetrievalResults.fromLists({ retrieved: ids, distances: ids.map((list) => list.map(() => -1)), info: rr.info });
          const made = RetrievalResults.trusted({ ...any, queries: world.queries });
          const after = RetrievalResults.checked(await rerank([made], gallery, world.options));
          expect(after.offsets).toEqual(made.offsets);
          expect(after.distances.every((value) => value >= 0 && value <= 1)).toBe(true);
        }),
        { numRuns: 3 * effort },
      ));
  });
}
