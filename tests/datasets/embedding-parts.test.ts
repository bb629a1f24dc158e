import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedRows } from '../../src/datasets/embedded-rows.js';
import { decodeRows, encodeRows, rowRanges } from '../../src/datasets/embedded-rows.js';
import { embeddingCache } from '../../src/datasets/embedding-cache.js';
import { type Part, type PartOptions, partEmbedder } from '../../src/datasets/embedding-parts.js';
import { type Extractor, openExtractor } from '../../src/models/extractor.js';
import type { Graph } from '../../src/runtime/onnx-graph.js';
import { doubling, relative, root } from '../models/extractor-graphs.js';
import { writeModel } from '../models/graphs.js';
import { temporaryFolder } from '../support/tables.js';
import { vectorDataset } from './vector-dataset.js';

const folder = temporaryFolder();
let caches = 0;
const newCache = () => join(folder, `cache-${caches++}`);
const opened = (name: string, graph: Graph) => {
  const file = writeModel(folder, `${name}.onnx`, graph);
  return openExtractor({ name, file, spec: { modality: 'vectors', input: {} } }, { threads: 1 });
};

let twice: Extractor;
let roots: Extractor;
let relatives: Extractor;
beforeAll(async () => {
  [twice, roots, relatives] = await Promise.all([opened('twice', doubling()), opened('roots', root()), opened('relatives', relative())]);
});
afterAll(() => Promise.all([twice, roots, relatives].map((extractor) => extractor.close())));

/** Every part of a dataset, all begun at once. */
function parts(
  extractor: Extractor,
  dataset: ReturnType<typeof vectorDataset>,
  rows: number,
  options: Partial<PartOptions> = {},
): Promise<Part[]> {
  const embed = partEmbedder(extractor, dataset, { batch: 4, onError: 'stop', ...options });
  return Promise.all([...rowRanges(dataset.size, rows)].map(embed));
}

const vectorsOf = (all: readonly EmbeddedRows[]) =>
  all.flatMap(({ kept, vectors: { data, dim } }) => [...kept].map((row, i) => [row, ...data.subarray(i * dim, (i + 1) * dim)]));
const numbers = (count: number): [number, number, number][] => Array.from({ length: count }, (_, i) => [i + 1, (i * 7) % 5, (i * 3) % 11]);
const files = (cache: string) => readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

describe('embedding a dataset in parts', () => {
  it('gives the same whatever the batch, the parts, the order of arrival and the cache', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99)), { nil: undefined, freq: 6 }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 17 }),
        fc.infiniteStream(fc.constantFrom(0, 0, 1, 3)),
        fc.boolean(),
        async (vectors, batch, rows, delays, cached) => {
          const cache = cached ? embeddingCache(newCache()) : undefined;
          const expected = vectors.flatMap((vector, row) => (vector ? [[row, ...vector.map((x) => 2 * x)]] : []));
          const broken = vectors.flatMap((vector, row) => (vector ? [] : [{ row, reason: `vectors, row ${row}: broken` }]));
          for (let run = 0; run < (cached ? 2 : 1); run++) {
            const dataset = vectorDataset(vectors, () => delays.next().value);
            const all = await parts(twice, dataset, rows, { batch, cache, onError: 'skip' });
            expect(vectorsOf(all)).toEqual(expected);
            expect(all.flatMap((part) => part.broken)).toEqual(broken);
            expect(all.every(({ fromCache }) => fromCache === (run === 1))).toBe(true);
          }
        },
      ),
      { numRuns: 30 },
    ));

  it('computes again only the parts whose items are others', async () => {
    const cache = embeddingCache(newCache());
    const vectors = numbers(20);
    await parts(twice, vectorDataset(vectors), 5, { cache });
    const changed = vectorDataset(vectors.with(7, [9, 9, 9]));
    const again = await parts(twice, changed, 5, { cache });
    expect(again.map(({ fromCache }) => fromCache)).toEqual([true, false, true, true]);
    expect(vectorsOf(again)[7]).toEqual([7, 18, 18, 18]);
    // Parts in another order are the same parts.
    const turned = [...vectors.slice(10), ...vectors.slice(0, 10)];
    expect((await parts(twice, vectorDataset(turned), 5, { cache })).every(({ fromCache }) => fromCache)).toBe(true);
    // Another model, another preparation.
    expect((await parts(roots, vectorDataset(vectors), 5, { cache })).some(({ fromCache }) => fromCache)).toBe(false);
    const prepared = { ...vectorDataset(vectors), preparation: { twice: true } };
    expect((await parts(twice, prepared, 5, { cache })).some(({ fromCache }) => fromCache)).toBe(false);
  });

  it('shares parts between batch sizes only where the batch does not matter', async () => {
    const reused = async (extractor: Extractor) => {
      const cache = embeddingCache(newCache());
      const run = (batch: number) => parts(extractor, vectorDataset(numbers(20)), 10, { cache, batch });
      const first = await run(4);
      expect(vectorsOf(await run(4))).toEqual(vectorsOf(first));
      const other = await run(5);
      return { reused: other.every(({ fromCache }) => fromCache), same: String(vectorsOf(other)) === String(vectorsOf(first)) };
    };
    expect(await reused(twice)).toEqual({ reused: true, same: true });
    expect(await reused(relatives)).toEqual({ reused: false, same: false });
  });

  it('stops at the first broken item, and keeps the parts before', async () => {
    const cache = embeddingCache(newCache());
    const vectors = [...numbers(20)].map((vector, row) => (row === 13 || row === 12 ? undefined : vector));
    const run = async (onError: 'stop' | 'skip') => {
      const embed = partEmbedder(
        twice,
        vectorDataset(vectors, (row) => (row === 12 ? 5 : 0)),
        { batch: 4, onError, cache },
      );
      const done: Part[] = [];
      for (const range of rowRanges(20, 5)) done.push(await embed(range));
      return done;
    };
    await expect(run('stop')).rejects.toThrow('vectors, row 12: broken');
    const skipped = await run('skip');
    expect(skipped.map(({ fromCache }) => fromCache)).toEqual([true, true, false, false]);
    expect(skipped[2].broken.map(({ row }) => row)).toEqual([12, 13]);
    // A part with broken items is kept too, and its broken items stop the next run as they did this one.
    expect((await run('skip')).every(({ fromCache }) => fromCache)).toBe(true);
    await expect(run('stop')).rejects.toThrow('vectors, row 12: broken');
  });

  it('leaves out, or names, items whose embeddings are not finite', async () => {
    const vectors: number[][] = [
      [1, 4, 9],
      [1, -1, 0],
      [4, 4, 4],
      [-9, 1, 1],
      [16, 1, 1],
    ];
    await expect(parts(roots, vectorDataset(vectors), 5)).rejects.toThrow('roots.onnx: row 1: its embedding is not finite');
    for (const cache of [undefined, embeddingCache(newCache())]) {
      for (let run = 0; run < 2; run++) {
        const [part] = await parts(roots, vectorDataset(vectors), 5, { cache, onError: 'skip' });
        expect(vectorsOf([part])).toEqual([
          [0, 1, 2, 3],
          [2, 2, 2, 2],
          [4, 4, 1, 1],
        ]);
        expect(part.broken.map(({ row, reason }) => [row, reason])).toEqual(
          [1, 3].map((row) => [row, `row ${row}: its embedding is not finite`]),
        );
      }
    }
  });

  it('passes a damaged file of the cache over, and mends it', async () => {
    const place = newCache();
    const cache = embeddingCache(place);
    const vectors = numbers(12);
    const [before] = await parts(twice, vectorDataset(vectors), 12, { cache });
    for (const damage of [
      (bytes: Buffer) => bytes.subarray(0, 50),
      () => Buffer.alloc(0),
      (bytes: Buffer) => bytes.fill(7, bytes.length - 1),
    ]) {
      for (const { parentPath, name } of files(place)) writeFileSync(join(parentPath, name), damage(readFileSync(join(parentPath, name))));
      const [part] = await parts(twice, vectorDataset(vectors), 12, { cache });
      expect(part.fromCache).toBe(false);
      expect(vectorsOf([part])).toEqual(vectorsOf([before]));
      expect((await parts(twice, vectorDataset(vectors), 12, { cache }))[0].fromCache).toBe(true);
    }
    expect(files(place).every(({ name }) => /^[0-9a-f]{64}$/.test(name))).toBe(true);
  });

  it('has a bounded number of items in flight', async () => {
    let most = 0;
    const dataset = vectorDataset(numbers(200), () => {
      most = Math.max(most, dataset.loading);
      return 1;
    });
    await parts(twice, dataset, 50, { batch: 5 });
    expect(most).toBeGreaterThan(5);
    expect(most).toBeLessThanOrEqual(20);
  });

  it('tells in one line of a cache that cannot be written', async () => {
    const place = join(folder, 'file');
    writeFileSync(place, '');
    await expect(parts(twice, vectorDataset(numbers(3)), 3, { cache: embeddingCache(place) })).rejects.toThrow(
      /file: the cache cannot be (read|written) \(.*\); give another with --cache-folder, or use --no-cache/,
    );
  });
});

describe('embedded rows as bytes', () => {
  it('come back, and what is none is not taken for some', () => {
    const rows = {
      firstRow: 30,
      rows: 4,
      kept: Int32Array.of(30, 33),
      vectors: { data: Float32Array.of(1, 2, 3, 4), rows: 2, dim: 2 },
      broken: [],
    };
    const bytes = encodeRows(rows);
    expect(decodeRows(bytes, rows)).toEqual(rows);
    expect(vectorsOf([decodeRows(bytes, { firstRow: 70, rows: 4 })!])).toEqual([
      [70, 1, 2],
      [73, 3, 4],
    ]);
    for (const wrong of [bytes.subarray(1), bytes.subarray(4), Uint8Array.of(1, 2), Uint8Array.of()])
      expect(decodeRows(wrong, rows)).toBeUndefined();
    expect(decodeRows(bytes, { firstRow: 30, rows: 1 })).toBeUndefined();
  });
});
