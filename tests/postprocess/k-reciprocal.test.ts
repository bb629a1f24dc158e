import { describe, expect, it } from 'vitest';
import { postprocess, pump, search } from '../../operators/index.js';
import { Gallery } from '../../src/data/gallery.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { kReciprocal } from '../../src/postprocess/k-reciprocal/k-reciprocal.js';
import { canonicalDistance } from '../../src/search/canonical.js';
import { kReciprocalProperties, rerank, retrieved, THREADS } from './k-reciprocal-properties.js';
import { batchOf, reference } from './reference.js';

kReciprocalProperties(1);

describe('kReciprocal', () => {
  it.each(reference.kReciprocal)('is the dense form: $distance, k1 $k1, k2 $k2, lambda $lambda', async (one) => {
    const gallery = await Gallery.load([batchOf(one.gallery)]);
    const queries = batchOf(one.queries);
    const { distance, k1, k2, lambda } = one;
    const run = (size: number) =>
      pump(
        Array.from({ length: Math.ceil(queries.rows / size) }, (_, b) => queries.slice(b * size, Math.min(queries.rows, (b + 1) * size))),
        {},
        search(gallery, { distance, k: gallery.size, threads: THREADS }),
        postprocess(kReciprocal({ k1, k2, lambda, threads: THREADS }), { gallery }),
      );
    for (const size of [5, queries.rows]) {
      let seen = 0;
      for await (const rr of run(size)) {
        RetrievalResults.checked(rr);
        for (let q = 0; q < rr.length; q++, seen++) {
          const expected = one.distances[seen];
          for (const [i, id] of rr.retrievedIds(q).entries()) expect(Math.abs(rr.distancesOf(q)[i] - expected[id])).toBeLessThan(1e-6);
        }
      }
      expect(seen).toBe(queries.rows);
    }
  });

  it('finds the farthest rows of vectors of different lengths', async () => {
    const gallery = [...Array(40).keys()].map((i) => [1000 + Math.sin(i) * i, Math.cos(3 * i) * i * i, 0.01 * i]);
    const world = {
      gallery,
      queries: batchOf(gallery.slice(3, 9).map(([x, y, z]) => [x + 1, y - 2, z])),
      options: { k1: 4, k2: 2, lambda: 1 },
      k: 40,
    };
    const { rr, gallery: loaded } = await retrieved(world);
    const after = await rerank([rr], loaded, world.options);
    const union = [...gallery, ...Array.from({ length: 6 }, (_, q) => [...world.queries.data.subarray(q * 3, q * 3 + 3)])].map((x) =>
      x.map(Math.fround),
    );
    for (let q = 0; q < 6; q++) {
      const farthest = Math.max(...union.map((x) => canonicalDistance('l2', x, union[40 + q])));
      for (const [i, d] of after.distancesOf(q).entries()) expect(d).toBeCloseTo((rr.distancesOf(q)[i] / farthest) ** 2, 6);
    }
  });

  it.each([
    [{ k1: 0 }, 'k1 must be a positive integer, not 0'],
    [{ k2: 1.5 }, 'k2 must be a positive integer, not 1.5'],
    [{ lambda: 1.1 }, 'lambda must be a number from 0 to 1, not 1.1'],
    [{ lambda: Number.NaN }, 'lambda must be a number from 0 to 1, not NaN'],
  ])('refuses %o', (options, message) => {
    expect(() => kReciprocal(options)).toThrow(message);
  });

  it('says what it lacks', async () => {
    const world = { gallery: [[0], [1]], queries: batchOf([[2], [3]]), options: { k1: 1, k2: 1, lambda: 0 }, k: 2 };
    const { rr, gallery } = await retrieved(world);
    const other = await Gallery.load([batchOf([[0], [2]])]);
    await expect(rerank([rr], other, {})).rejects.toThrow('is not the gallery that was searched');
    const of = (distance?: 'ip' | 'score') => RetrievalResults.trusted({ ...rr, info: { ...rr.info, distance } });
    await expect(rerank([of('ip')], gallery, {})).rejects.toThrow('needs results of the distance l2 or cosine, not of ip');
    await expect(rerank([of()], gallery, {})).rejects.toThrow('not of one that is not known');
    await expect(rerank([RetrievalResults.trusted({ ...rr, queries: undefined })], gallery, {})).rejects.toThrow(
      'put it behind the search',
    );
    const queries = batchOf([
      [2, 0],
      [3, 0],
    ]);
    await expect(rerank([RetrievalResults.trusted({ ...rr, queries })], gallery, {})).rejects.toThrow(
      'memory: queries of dimension 2, but a gallery of dimension 1',
    );
    await expect(rerank([rr, rr], gallery, {})).rejects.toThrow('two queries are row 0 of the query set');
    const step = kReciprocal();
    await expect((async () => step.process(rr, {}, step.fit!.value([])))()).rejects.toThrow('needs the vectors of the gallery in memory');
  });
});
