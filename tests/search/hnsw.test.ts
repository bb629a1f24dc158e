import { appendFileSync, copyFileSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import type { Matrix } from '../../src/data/matrix.js';
import { importOptional } from '../../src/runtime/optional.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { type HnswOptions, HnswSearcher } from '../../src/search/hnsw.js';
import { recallOf } from '../../src/search/recall.js';
import type { Searcher } from '../../src/search/searcher.js';
import { temporaryFolder } from '../support/tables.js';
import { grid } from './support.js';
import { worldOf } from './worlds.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const { gallery: vectors, queries } = worldOf('scattered', 7, 1500, 200, 12);
const loaded = galleryOf(vectors);
const open: Searcher[] = [];
afterAll(() => Promise.all(open.map((searcher) => searcher.close())));

function galleryOf(matrix: Matrix): Promise<Gallery> {
  return Gallery.load([EmbeddingBatch.fromMatrix(matrix)]);
}

async function built(options: HnswOptions = {}, gallery = loaded): Promise<HnswSearcher> {
  const searcher = await HnswSearcher.build(await gallery, { m: 8, efConstruction: 50, ...options });
  open.push(searcher);
  return searcher;
}

describe('HnswSearcher', () => {
  it('finds more with more candidates, and nearly all with many', async () => {
    const exact = await ExactSearcher.open(await loaded);
    open.push(exact);
    const truth = await exact.search(queries, 10);
    const recalls = [];
    for (const ef of [1, 200]) recalls.push(recallOf(await (await built({ ef })).search(queries, 10), truth));
    expect(recalls[0]).toBeGreaterThan(0.2);
    expect(recalls[0]).toBeLessThan(recalls[1]);
    expect(recalls[1]).toBeGreaterThan(0.98);
  });

  it('gives the same answers for the same seed, whatever the batch', async () => {
    const [one, two, other] = [await built({ ef: 10 }), await built({ ef: 10 }), await built({ ef: 10, seed: 5 })];
    const whole = await one.search(queries, 10);
    expect(await two.search(queries, 10)).toEqual(whole);
    const half = { data: queries.data.subarray(0, 77 * 12), rows: 77, dim: 12 };
    expect([...(await one.search(half, 10)).ids]).toEqual([...whole.ids.subarray(0, 770)]);
    expect((await other.search(queries, 10)).ids).not.toEqual(whole.ids);
  });

  it('is not drowned by copies of one vector', async () => {
    const data = new Float32Array(3000 * 4).fill(1);
    data.set([5, 5, 5, 5], 2999 * 4);
    const searcher = await built({}, galleryOf({ data, rows: 3000, dim: 4 }));
    const found = await searcher.search({ data: Float32Array.of(1, 1, 1, 1), rows: 1, dim: 4 }, 3000, { self: Int32Array.of(1) });
    expect([...found.ids]).toEqual([...Array.from({ length: 3000 }, (_, row) => row).filter((row) => row !== 1)]);
    expect(found.distances[2998]).toBe(8);
  });

  it('tells how far the building is, leaves the event loop free, and stops when told to', async () => {
    const steps: number[] = [];
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await built({ onProgress: (done, total) => steps.push(done / total) });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(3);
    expect(steps.length).toBeGreaterThan(5);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps.at(-1)).toBe(1);
    const stop = new AbortController();
    const onProgress = (done: number) => done > 200 && stop.abort(new Error('enough'));
    await expect(built({ onProgress, signal: stop.signal })).rejects.toThrow('enough');
  });

  it('refuses options and vectors that it cannot work with', async () => {
    await expect(built({ m: 1 })).rejects.toThrow('m must be a whole number from 2 to 256, not 1');
    await expect(built({ ef: 0 })).rejects.toThrow('ef must be a whole number from 1');
    await expect(built({ efConstruction: 1.5 })).rejects.toThrow('efConstruction must be');
    await expect(built({ seed: -1 })).rejects.toThrow('seed must be');
    const huge = galleryOf({ data: Float32Array.of(1e19, 1e19), rows: 2, dim: 1 });
    await expect(built({}, huge)).rejects.toThrow('so large that float32 distances overflow');
    const searcher = await built();
    await expect(searcher.search({ data: new Float32Array(3), rows: 1, dim: 3 }, 1)).rejects.toThrow('dimension 3');
    await expect(searcher.search(queries, 0)).rejects.toThrow('k must be a positive integer, not 0');
    await expect(searcher.search({ data: new Float32Array(12).fill(1e38), rows: 1, dim: 12 }, 1)).rejects.toThrow('beyond float32');
  });
});

describe('a saved hnsw index', () => {
  it.each(['l2', 'cosine', 'ip'] as const)('%s: gives the same answers', async (distance) => {
    const searcher = await built({ distance, ef: 10 });
    await searcher.save(at(`${distance}.hnsw`));
    const again = await HnswSearcher.load(at(`${distance}.hnsw`), await loaded, { distance, ef: 10 });
    open.push(again);
    expect(await again.search(queries, 10)).toEqual(await searcher.search(queries, 10));
  });

  it('is refused where it does not fit', async () => {
    const path = at('index.hnsw');
    await (await built()).save(path);
    expect(readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
    const load = async (matrix: Matrix, distance: 'l2' | 'ip' = 'l2', from = path) =>
      HnswSearcher.load(from, await galleryOf(matrix), { distance });
    await expect(load(vectors, 'ip')).rejects.toThrow(`${path}: an index for distance l2, not ip; remove it to build a new index`);
    await expect(load(grid(1500, 5, 1))).rejects.toThrow('an index for dimension 12, not 5');
    await expect(load(grid(9, 12, 1))).rejects.toThrow('an index for rows 1500, not 9');
    await expect(load(grid(1500, 12, 1))).rejects.toThrow('an index of other vectors than those of memory');

    copyFileSync(path, at('damaged.hnsw'));
    copyFileSync(`${path}.json`, at('damaged.hnsw.json'));
    appendFileSync(at('damaged.hnsw'), 'x');
    await expect(load(vectors, 'l2', at('damaged.hnsw'))).rejects.toThrow('the index is damaged');
    rmSync(at('damaged.hnsw'));
    await expect(load(vectors, 'l2', at('damaged.hnsw'))).rejects.toThrow('damaged.hnsw: the index cannot be read (ENOENT');
    await expect(load(vectors, 'l2', at('nothing'))).rejects.toThrow('nothing: no index that rankstream saved');
    writeFileSync(at('other.json'), '{"format":"of someone else"}');
    await expect(load(vectors, 'l2', at('other'))).rejects.toThrow('other: no index that rankstream saved');
  });

  it('is not half written', async () => {
    await expect((await built()).save(at('no/folder/index'))).rejects.toThrow('no/folder/index: the index cannot be written');
    expect(existsSync(at('no'))).toBe(false);
  });
});

describe('importOptional', () => {
  it('says how to install what is missing', async () => {
    await expect(importOptional('no-such-package', 'the hnsw engine')).rejects.toThrow(
      'the hnsw engine needs the package no-such-package, which is not installed; install it with: npm install no-such-package',
    );
    const broken = join(folder, 'broken.mjs');
    writeFileSync(broken, 'throw new Error("no binary for this platform\\nmore")');
    await expect(importOptional(broken, 'the hnsw engine')).rejects.toThrow(
      'cannot be loaded (no binary for this platform); install it anew',
    );
  });
});
