import { Int32, Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { UserError } from '../../src/data/errors.js';
import { Gallery } from '../../src/data/gallery.js';
import { DISTANCES, type Distance } from '../../src/data/matrix.js';
import { galleryRows, queryRows } from '../../src/data/split.js';
import { availableDevices } from '../../src/runtime/devices.js';
import { canonicalDistance, squaredNorm } from '../../src/search/canonical.js';
import { type ExactOptions, ExactSearcher } from '../../src/search/exact.js';
import { retrieve } from '../../src/search/retrieve.js';
import type { Ignored } from '../../src/search/searcher.js';
import { goldenCases, hasGolden } from '../support/golden.js';
import { bruteForce, grid } from './support.js';

const open: ExactSearcher[] = [];
afterAll(() => Promise.all(open.map((searcher) => searcher.close())));

async function searcherOf(
  matrix: { data: Float32Array; rows: number; dim: number },
  distance: Distance,
  shardBytes?: number,
  columns = {},
) {
  const gallery = await Gallery.load([EmbeddingBatch.fromMatrix(matrix, columns)], { shardBytes });
  const searcher = await ExactSearcher.open(gallery, { distance });
  open.push(searcher);
  return { gallery, searcher };
}

describe('ExactSearcher', () => {
  it.each(DISTANCES)('%s: is brute force, in the order (distance, row), over shards and blocks', async (distance) => {
    const gallery = grid(700, 5, 1, 41);
    const queries = grid(600, 5, 2, 41);
    const { searcher, gallery: loaded } = await searcherOf(gallery, distance, 3000);
    expect(loaded.vectors.shards.length).toBeGreaterThan(3);
    const self = Int32Array.from({ length: 600 }, (_, q) => (q % 3 === 0 ? -1 : q));
    const found = await searcher.search(queries, 9, { self });
    for (let q = 0; q < 600; q++) {
      const expected = bruteForce(gallery, queries.data.subarray(q * 5, q * 5 + 5), distance, 9, (row) => row === self[q]);
      const [from, to] = [found.offsets[q], found.offsets[q + 1]];
      expect([...found.ids.subarray(from, to)]).toEqual(expected.map(([, row]) => row));
      expect([...found.distances.subarray(from, to)]).toEqual(expected.map(([d]) => d));
    }
  });

  it('finds every row when k reaches the gallery, with ties in the order of rows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 6 }), fc.integer(), async (rows, dim, seed) => {
        const gallery = grid(rows, dim, seed);
        const { searcher } = await searcherOf(gallery, 'l2');
        const query = grid(1, dim, seed + 1);
        const found = await searcher.search(query, rows + 5);
        expect([...found.ids]).toEqual(bruteForce(gallery, query.data, 'l2', rows, () => false).map(([, row]) => row));
        await searcher.close();
      }),
      { numRuns: 12 },
    );
  });

  it('gives the same bytes whatever the batch, the shards and the threads', async () => {
    const gallery = grid(3000, 24, 5, 1000);
    const queries = grid(64, 24, 6, 1000);
    const whole = await (await searcherOf(gallery, 'cosine')).searcher.search(queries, 20);
    const { searcher } = await searcherOf(gallery, 'cosine', 50_000);
    const parts = await Promise.all(
      [0, 1, 40].map((start, i) =>
        searcher.search({ data: queries.data.subarray(start * 24, [1, 40, 64][i] * 24), rows: [1, 40, 64][i] - start, dim: 24 }, 20),
      ),
    );
    expect(parts.flatMap((part) => [...part.ids])).toEqual([...whole.ids]);
    expect(parts.flatMap((part) => [...part.distances])).toEqual([...whole.distances]);
  });

  it('ignores a sequence without costing a slot, however long it is', async () => {
    const gallery = grid(400, 3, 9, 100);
    const sequence = Int32Array.from({ length: 400 }, (_, row) => (row < 150 ? 0 : row % 7));
    const column = vectorFromArray([...sequence], new Int32());
    const { searcher, gallery: loaded } = await searcherOf(gallery, 'l2', undefined, { sequence: column });
    const codes = Int32Array.from([0, 3, -1], (value) => (loaded.sequences ? loaded.sequences.code(value < 0 ? null : value) : -1));
    const ignored: Ignored = { sequence: codes };
    const found = await searcher.search({ data: gallery.data.subarray(0, 9), rows: 3, dim: 3 }, 30, ignored);
    for (const [q, own] of [0, 3, -1].entries()) {
      const expected = bruteForce(gallery, gallery.data.subarray(q * 3, q * 3 + 3), 'l2', 30, (row) => own >= 0 && sequence[row] === own);
      expect([...found.ids.subarray(found.offsets[q], found.offsets[q + 1])]).toEqual(expected.map(([, row]) => row));
    }
  });

  it('searches vectors whose scores overflow float32 by brute force, and refuses distances that do', async () => {
    const gallery = { data: Float32Array.from([1e20, 0, 2e20, 0, 0, 1e20]), rows: 3, dim: 2 };
    const { searcher } = await searcherOf(gallery, 'l2');
    const found = await searcher.search({ data: Float32Array.from([2e20, 0]), rows: 1, dim: 2 }, 3);
    expect([...found.ids]).toEqual([1, 0, 2]);
    expect(found.distances[0]).toBe(0);
    const { searcher: product } = await searcherOf(gallery, 'ip');
    await expect(product.search({ data: Float32Array.from([1e20, 1]), rows: 1, dim: 2 }, 3)).rejects.toThrow(
      'query 0 and gallery row 0: their ip distance is beyond float32',
    );
  });

  it('refuses a query of another dimension and k = 0', async () => {
    const { searcher } = await searcherOf(grid(5, 4, 1), 'l2');
    await expect(searcher.search({ data: new Float32Array(3), rows: 1, dim: 3 }, 1)).rejects.toThrow('dimension 3');
    await expect(searcher.search({ data: new Float32Array(4), rows: 1, dim: 4 }, 0)).rejects.toThrow('k must be a positive integer, not 0');
  });

  it('without the proof: float32, not exact, and still in order and by canonical distances', async () => {
    const gallery = grid(2000, 24, 7, 1000);
    const loaded = await Gallery.load([EmbeddingBatch.fromMatrix(gallery)]);
    const searcher = await ExactSearcher.open(loaded, { precision: 'float32' });
    open.push(searcher);
    expect(searcher).toMatchObject({ exact: false, device: 'cpu' });
    const found = await searcher.search({ data: gallery.data.subarray(0, 48 * 24), rows: 48, dim: 24 }, 10);
    expect(found.retried).toBe(0);
    for (let q = 0; q < 48; q++) {
      const [from, to] = [found.offsets[q], found.offsets[q + 1]];
      const [ids, distances] = [[...found.ids.subarray(from, to)], [...found.distances.subarray(from, to)]];
      const row = (r: number) => gallery.data.subarray(r * 24, (r + 1) * 24);
      expect(distances).toEqual(ids.map((id) => canonicalDistance('l2', row(q), row(id))));
      expect(distances).toEqual([...distances].sort((a, b) => a - b));
      expect(ids[0]).toBe(q);
    }
  });

  it('refuses a device that it does not know or that is not there', async () => {
    const loaded = await Gallery.load([EmbeddingBatch.fromMatrix(grid(5, 4, 1))]);
    await expect(ExactSearcher.open(loaded, { device: 'gpu' as 'cpu' })).rejects.toThrow('unknown device "gpu"');
    const there = await availableDevices();
    for (const device of ['webgpu', 'cuda'] as const) {
      if (there.includes(device)) continue;
      await expect(ExactSearcher.open(loaded, { device })).rejects.toThrow(
        `device ${device} is not available here (there are: ${there.join(', ')})`,
      );
    }
  });

  it.each([
    [{ threads: 0 }, 'threads: 0 is no positive whole number'],
    [{ threads: Number.NaN }, 'threads: NaN is no positive whole number'],
    [{ threads: 1.5, device: 'auto' }, 'threads: 1.5 is no positive whole number'],
    [{ distance: 'euclid' }, 'unknown distance "euclid" (there are: l2, cosine, ip)'],
    [{ precision: 'float16' }, 'unknown precision "float16" (there are: exact, float32)'],
  ])('refuses %j', async (options, message) => {
    const loaded = await Gallery.load([EmbeddingBatch.fromMatrix(grid(5, 4, 1))]);
    await expect(ExactSearcher.open(loaded, options as ExactOptions)).rejects.toThrow(new UserError(message));
  });

  it('auto takes a device that is there', async () => {
    const loaded = await Gallery.load([EmbeddingBatch.fromMatrix(grid(5, 4, 1))]);
    const searcher = await ExactSearcher.open(loaded, { device: 'auto' });
    open.push(searcher);
    expect(await availableDevices()).toContain(searcher.device);
    expect(searcher.exact).toBe(true);
  });

  it.each(['int8', 'float32'] as const)('%s: can be closed while it searches', async (fastPass) => {
    const gallery = grid(20_000, 64, 3, 1000);
    const loaded = await Gallery.load([EmbeddingBatch.fromMatrix(gallery)]);
    const searcher = await ExactSearcher.open(loaded, { fastPass, threads: 2 });
    // A thread that is stopped inside onnxruntime-node would end this process.
    const searching = searcher.search(gallery, 10).catch((error: Error) => error.message);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await searcher.close();
    expect(await searching).toMatch(/^(thread|the searcher) was closed$/);
  });

  it('leaves the event loop free while it searches', async () => {
    const gallery = grid(40_000, 128, 3, 1000);
    const { searcher } = await searcherOf(gallery, 'l2');
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await searcher.search({ data: gallery.data.subarray(0, 512 * 128), rows: 512, dim: 128 }, 10);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(5);
  });
});

describe.runIf(hasGolden)('parity with OML', () => {
  it.each(goldenCases('search').map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const { embeddings, ids_query, ids_gallery, labels, sequence_ids, n_items, expected } = one as unknown as {
      embeddings: number[][];
      ids_query: number[];
      ids_gallery: number[];
      labels: (number | string)[];
      sequence_ids: (number | string)[] | null;
      n_items: number;
      expected: { distances: number[][]; retrieved_ids: number[][]; gt_ids: number[][] };
    };
    const text = (values: (number | string)[]) => vectorFromArray(values.map(String), new Utf8());
    const flag = (rows: number[]) => vectorFromArray(embeddings.map((_, row) => rows.includes(row)));
    const table = EmbeddingBatch.fromMatrix(
      { data: Float32Array.from(embeddings.flat()), rows: embeddings.length, dim: embeddings[0].length },
      {
        label: text(labels),
        is_query: flag(ids_query),
        is_gallery: flag(ids_gallery),
        ...(sequence_ids && { sequence: text(sequence_ids) }),
      },
    );
    const once = async function* () {
      yield table;
    };
    const gallery = await Gallery.load(galleryRows(once()));
    const searcher = await ExactSearcher.open(gallery);
    open.push(searcher);
    for await (const queries of queryRows(once())) {
      const rr = await retrieve(searcher, gallery, queries, n_items, true);
      expect(rr.length).toBe(expected.retrieved_ids.length);
      for (let q = 0; q < rr.length; q++) {
        expect([...rr.retrievedIds(q)]).toEqual(expected.retrieved_ids[q]);
        expected.distances[q].forEach((distance, i) => {
          // OML's distances come from |x|^2 + |y|^2 - 2xy in float32; they are right only within that rounding.
          const squares = squaredNorm(embeddings[ids_query[q]]) + squaredNorm(embeddings[ids_gallery[rr.retrievedIds(q)[i]]]);
          const rounding = (4 * 2 ** -24 * squares) / Math.max(distance, 1e-3);
          expect(Math.abs(rr.distancesOf(q)[i] - distance)).toBeLessThanOrEqual(1e-6 + rounding);
        });
        const { offsets, values } = rr.relevant as NonNullable<typeof rr.relevant>;
        expect([...values.subarray(offsets[q], offsets[q + 1])]).toEqual([...expected.gt_ids[q]].sort((a, b) => a - b));
        expect(rr.numRelevant?.[q]).toBe(expected.gt_ids[q].length);
      }
    }
  });
});
