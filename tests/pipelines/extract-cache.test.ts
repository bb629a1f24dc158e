import { copyFileSync, cpSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { onnxModel } from '../../src/runtime/onnx-graph.js';
import { writePicture } from '../support/colours.js';
import { npyBytes } from '../support/npy.js';
import { csv, near, PART, paths, pictureSet, ROWS, vectorsIn } from './extract-support.js';

const { at, means, newName, extracted } = pictureSet();
const cached = (cache: string) => readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

describe('what an extraction keeps', () => {
  it('is not computed again: the same bytes from the cache, without one, and in one part', async () => {
    const cacheFolder = newName('cache');
    const first = await extracted({ cacheFolder });
    expect(first).toMatchObject({ items: 30, embedded: 30, fromCache: 0 });
    const before = cached(cacheFolder).length;
    const second = await extracted({ cacheFolder });
    expect(second).toMatchObject({ embedded: 30, fromCache: 30 });
    const none = await extracted({ cacheFolder, cache: false });
    expect(none.fromCache).toBe(0);
    for (const { bytes } of [second, none]) expect(bytes.equals(first.bytes)).toBe(true);
    expect(cached(cacheFolder)).toHaveLength(before);
    expect(await vectorsIn((await extracted({ cacheFolder, partRows: 100, batch: 64 })).file)).toEqual(await vectorsIn(first.file));
  });

  it('is known by what is in the items, not by their names, their times, or other columns', async () => {
    const cacheFolder = newName('cache');
    const first = await extracted({ cacheFolder });
    cpSync(at('pictures'), at('moved/pictures'), { recursive: true });
    for (const path of paths) utimesSync(at(`moved/${path}`), 1, 1);
    writeFileSync(
      at('moved/items.csv'),
      csv((row) => ({ price: 3 * row, label: 7 })),
    );
    const moved = await extracted({ items: at('moved/items.csv'), cacheFolder });
    expect(moved.fromCache).toBe(30);
    expect(await vectorsIn(moved.file)).toEqual(await vectorsIn(first.file));
  });

  it('is computed again where it is of something else: the part of a picture that changed', async () => {
    const cacheFolder = newName('cache');
    cpSync(at('pictures'), at('changed/pictures'), { recursive: true });
    writeFileSync(at('changed/items.csv'), csv());
    const items = at('changed/items.csv');
    const first = await vectorsIn((await extracted({ items, cacheFolder })).file);
    const changed = await writePicture(at(`changed/${paths[12]}`), [0.1, 0.2, 0.3], 5);
    const again = await extracted({ items, cacheFolder });
    expect(again.fromCache).toBe(ROWS - PART);
    expect(await vectorsIn(again.file)).toEqual(first.with(12, [...near([changed])[0]]));
    // A row more, or less, is another part, and those before are the same.
    writeFileSync(at('changed/shorter.csv'), csv().split('\n').slice(0, 28).join('\n'));
    expect(await extracted({ items: at('changed/shorter.csv'), cacheFolder })).toMatchObject({ items: 27, fromCache: 24 });
  });

  it('is computed again for another model, transform, head or box', async () => {
    const cacheFolder = newName('cache');
    const described = readFileSync(at('pictures.yaml'), 'utf8');
    const model = (name: string, description: string) => {
      copyFileSync(at('pictures.onnx'), at(`${name}.onnx`));
      writeFileSync(at(`${name}.yaml`), description);
      return at(`${name}.onnx`);
    };
    await extracted({ cacheFolder });
    // By another name it is the same model; the way it is written says nothing.
    const spaced = `# Mean colours.\n${described.replace('[8, 8]', '[ 8,8 ]')}`;
    expect((await extracted({ cacheFolder, model: model('same', spaced) })).fromCache).toBe(30);
    const normalised = await extracted({ cacheFolder, model: model('normalised', `${described}normalise: true\n`) });
    expect(normalised.fromCache).toBe(0);
    for (const vector of await vectorsIn(normalised.file)) expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
    const turned = described.replace('transform: [', 'transform: [{ channels: bgr }, ');
    const bgr = await extracted({ cacheFolder, model: model('bgr', turned) });
    expect(bgr.fromCache).toBe(0);
    expect(await vectorsIn(bgr.file)).toEqual(near(means.map((mean) => [...mean].reverse())));
    const headed = model('headed', `${described}head: head.npy\n`);
    for (const factor of [1, 2]) {
      writeFileSync(at('head.npy'), npyBytes('1, 3', new Uint8Array(Float32Array.of(factor, 0, 0).buffer)));
      const outcome = await extracted({ cacheFolder, model: headed });
      expect(outcome).toMatchObject({ fromCache: 0, dim: 1 });
      expect(await vectorsIn(outcome.file)).toEqual(near(means.map(([red]) => [factor * red])));
    }
    const boxed = csv()
      .split('\n')
      .map((line, i) => line && `${line},${i === 0 ? 'x_1,y_1,x_2,y_2' : '0,0,4,4'}`);
    writeFileSync(at('boxed.csv'), boxed.join('\n'));
    expect((await extracted({ cacheFolder, items: at('boxed.csv') })).fromCache).toBe(0);
  });

  it('is kept by the batch where the model makes it matter', async () => {
    const lessMost = {
      nodes: [
        { type: 'ReduceMean', inputs: ['pixels', 'sides'], outputs: ['colour'], attributes: { keepdims: 0 } },
        { type: 'ReduceMax', inputs: ['colour', 'first'], outputs: ['most'] },
        { type: 'Sub', inputs: ['colour', 'most'], outputs: ['y'] },
      ],
      constants: [
        { name: 'sides', values: BigInt64Array.of(2n, 3n) },
        { name: 'first', values: BigInt64Array.of(0n) },
      ],
      inputs: [{ name: 'pixels', type: 'float32' as const, dims: ['batch', 3, 8, 8] }],
      outputs: [{ name: 'y', type: 'float32' as const, dims: ['batch', 3] }],
    };
    writeFileSync(at('relative.onnx'), onnxModel(lessMost));
    copyFileSync(at('pictures.yaml'), at('relative.yaml'));
    const cacheFolder = newName('cache');
    const counts: number[] = [];
    for (const model of ['pictures.onnx', 'relative.onnx'])
      for (const batch of [4, 4, 3]) counts.push((await extracted({ cacheFolder, model: at(model), batch })).fromCache);
    expect(counts).toEqual([0, 30, 30, 0, 30, 0]);
    const [uncached, kept] = [
      await extracted({ model: at('relative.onnx'), batch: 3, cache: false }),
      await extracted({ cacheFolder, model: at('relative.onnx'), batch: 3 }),
    ];
    expect(kept.fromCache).toBe(30);
    expect(kept.bytes.equals(uncached.bytes)).toBe(true);
  });

  it('is passed over, and mended, where it is damaged', async () => {
    const cacheFolder = newName('cache');
    const { bytes } = await extracted({ cacheFolder });
    const all = cached(cacheFolder).map(({ parentPath, name }) => join(parentPath, name));
    for (const [i, file] of all.entries()) {
      const content = readFileSync(file);
      if (i % 3 === 0) writeFileSync(file, content.subarray(0, content.length >> 1));
      else if (i % 3 === 1) writeFileSync(file, content.fill(255, content.length - 2));
    }
    const mended = await extracted({ cacheFolder });
    expect(mended.fromCache).toBeLessThan(30);
    expect(mended.bytes.equals(bytes)).toBe(true);
    expect((await extracted({ cacheFolder })).fromCache).toBe(30);
  });
});
