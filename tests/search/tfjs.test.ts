import { describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { DISTANCES } from '../../src/data/matrix.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { openTfjs } from '../../src/search/tfjs.js';
import { tensorflow } from './tensorflow.js';
import { worldOf } from './worlds.js';

const { gallery: vectors, queries } = worldOf('scattered', 3, 900, 30, 24);
const gallery = Gallery.load([EmbeddingBatch.fromMatrix(vectors)], { shardBytes: 500 * 24 * 4 });

describe.each(['wasm', 'cpu'] as const)('openTfjs with the %s backend', (backend) => {
  it.each(DISTANCES)('%s: answers as the exact searcher does, and says whether it is proven', async (distance) => {
    const tf = await tensorflow(backend);
    const exact = await ExactSearcher.open(await gallery, { distance });
    const truth = await exact.search(queries, 20);
    await exact.close();
    for (const roundoff of [undefined, 2 ** -24]) {
      const searcher = await openTfjs(tf, await gallery, { distance, roundoff });
      expect(searcher.exact).toBe(roundoff !== undefined);
      expect(searcher.device).toBe(`tfjs-${backend}`);
      const found = await searcher.search(queries, 20);
      expect([...found.ids]).toEqual([...truth.ids]);
      expect([...found.distances]).toEqual([...truth.distances]);
      await searcher.close();
    }
  });

  it('leaves no tensor behind', async () => {
    const tf = await tensorflow(backend);
    const before = tf.memory().numTensors;
    const searcher = await openTfjs(tf, await gallery, { columns: 128 });
    const opened = tf.memory().numTensors;
    expect(opened).toBeGreaterThan(before);
    await Promise.all([1, 2, 3].map((k) => searcher.search(queries, k)));
    expect(tf.memory().numTensors).toBe(opened);
    await searcher.close();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('openTfjs', () => {
  it('looks wider where the products are too coarse for the proof', async () => {
    const searcher = await openTfjs(await tensorflow('wasm'), await gallery, { roundoff: 2 ** -6 });
    const found = await searcher.search(queries, 20);
    expect(found.retried).toBeGreaterThan(0);
    const sharp = await openTfjs(await tensorflow('wasm'), await gallery, { roundoff: 2 ** -24 });
    expect((await sharp.search(queries, 20)).ids).toEqual(found.ids);
    await Promise.all([searcher.close(), sharp.close()]);
  });

  it('refuses a roundoff that is none, and queries of another dimension', async () => {
    const tf = await tensorflow('wasm');
    await expect(openTfjs(tf, await gallery, { roundoff: 24 })).rejects.toThrow('roundoff must be the unit roundoff');
    await expect(openTfjs(tf, await gallery, { columns: 0 })).rejects.toThrow('columns must be a positive integer, not 0');
    const searcher = await openTfjs(tf, await gallery);
    await expect(searcher.search({ data: new Float32Array(3), rows: 1, dim: 3 }, 1)).rejects.toThrow('dimension 3');
    await searcher.close();
  });
});
