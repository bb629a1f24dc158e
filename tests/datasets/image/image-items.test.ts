import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Utf8, vectorFromArray } from 'apache-arrow';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Columns } from '../../../src/data/columns.js';
import { EmbeddingBatch } from '../../../src/data/embedding-batch.js';
import type { JsonObject } from '../../../src/data/json.js';
import { RetrievalResults } from '../../../src/data/retrieval-results.js';
import { imageItems } from '../../../src/datasets/index.js';
import { ROOT } from '../../support/cli.js';
import { rasterise } from '../../support/rasterise.js';
import { temporaryFolder } from '../../support/tables.js';

const folder = temporaryFolder();

/** A picture of one colour for each pixel. */
async function picture(name: string, width: number, pixels: readonly (readonly number[])[]): Promise<string> {
  const raw = { width, height: pixels.length / width, channels: pixels[0].length as 1 | 3 | 4 };
  await sharp(Uint8Array.from(pixels.flat()), { raw }).png().toFile(join(folder, name));
  return name;
}

const pathsOf = (values: readonly (string | null)[]): Columns => ({ path: vectorFromArray(values, new Utf8()) });
const items = (gallery: readonly (string | null)[], shape: readonly (number | string)[], input?: object, root = folder) =>
  imageItems(pathsOf(gallery), { shape, input: input as JsonObject | undefined, root, model: 'm.onnx' });

function queriesWith(columns: Columns): RetrievalResults {
  const none = Array.from({ length: columns.path.length }, () => []);
  return RetrievalResults.fromLists({ retrieved: none, distances: none, columns, firstRow: 30 });
}

describe('imageItems', () => {
  it('gives the channels one after the other, 0 to 1, and white where a picture is transparent', async () => {
    const colours = [
      [255, 0, 0, 255],
      [0, 51, 0, 255],
      [0, 0, 102, 255],
      [7, 7, 7, 0],
    ];
    const pictures = items([await picture('colours.png', 2, colours)], [3, 2, 2]);
    const values = [1, 0, 0, 1, 0, 51 / 255, 0, 1, 0, 0, 102 / 255, 1];
    expect([...(await pictures.gallery(0))]).toEqual(values.map(Math.fround));
    expect(pictures.shape).toEqual([3, 2, 2]);
  });

  it('is gray for one channel, scaled to the height and width of the model', async () => {
    const file = await picture('gray.png', 4, Array(8).fill([51]));
    const flat = Array(6).fill(Math.fround(0.2));
    expect([...(await items([null], [1, 3, 2]).query(queriesWith(pathsOf([null, file])), 1))]).toEqual(flat);
    // An absolute path needs no folder.
    expect([...(await items([join(folder, file)], [1, 3, 2], undefined, '/nowhere').gallery(0))]).toEqual(flat);
  });

  it("prefers the queries' own batch to the columns of the results", async () => {
    const file = await picture('own.png', 1, [[255]]);
    const queries = EmbeddingBatch.fromMatrix({ data: new Float32Array(1), rows: 1, dim: 1 }, pathsOf([file]));
    const rr = RetrievalResults.trusted({ ...queriesWith(pathsOf(['elsewhere.png'])), queries });
    expect([...(await items([], [1, 1, 1]).query(rr, 0))]).toEqual([1]);
  });

  it('cuts boxes out of queries and gallery', async () => {
    const file = await picture('boxes.png', 3, [[0], [51], [102], [153], [204], [255]]);
    const box = (x: number, y: number) => {
      const sides = { x_1: x, x_2: x + 1, y_1: y, y_2: y + 1 };
      return { ...pathsOf([file]), ...Object.fromEntries(Object.entries(sides).map(([name, side]) => [name, vectorFromArray([side])])) };
    };
    const pictures = imageItems(box(2, 0), { shape: [1, 1, 1], root: folder, model: 'm.onnx' });
    expect([...(await pictures.gallery(0)), ...(await pictures.query(queriesWith(box(1, 1)), 0))]).toEqual([0.4, 0.8].map(Math.fround));
  });

  it("prepares pictures by the model's description: icons as the models of icons were trained on them, bit by bit", async () => {
    const icons = join(ROOT, 'node_modules/@phosphor-icons/core/assets/regular');
    const files = readdirSync(icons).filter((_, i) => i % 150 === 0);
    const input = { density: 18, transform: [{ channels: 'gray' }, { normalise: { mean: 1, std: -1 } }] };
    const pictures = items(files, [1, 64, 64], input, icons);
    for (const [row, name] of files.entries()) {
      expect(await pictures.gallery(row)).toEqual(Float32Array.from(await rasterise(join(icons, name)), (value) => value / 255));
    }
  });

  it('takes the size from the transform where the model leaves it open', async () => {
    const file = await picture('open.png', 2, Array(4).fill([255, 0, 0]));
    const pictures = items([file], ['channels', 'height', 'width'], { transform: [{ resize: { size: [1, 3] } }] });
    expect(pictures.shape).toEqual([3, 1, 3]);
    expect([...(await pictures.gallery(0))]).toEqual([1, 1, 1, 0, 0, 0, 0, 0, 0]);
    expect(() => items([file], [3, 'height', 'width'], { transform: [{ resize: { size: 3 } }] })).toThrow(
      'm.onnx leaves the size of its pictures open; add a resize to one size, [height, width], to its transform',
    );
  });

  it('names the item whose picture is missing, not there, no picture, or of another size', async () => {
    const pictures = items([null, 'nothere.png', await picture('one.png', 1, [[0]])], [1, 2, 2], { transform: [{ channels: 'gray' }] });
    await expect(pictures.gallery(0)).rejects.toThrow('gallery item 0 has no picture: its path is missing');
    await expect(pictures.gallery(1)).rejects.toThrow(`gallery item 1: nothere.png: ${join(folder, 'nothere.png')}: no such file`);
    await expect(pictures.gallery(2)).rejects.toThrow('gallery item 2: one.png: the transform gives [1, 1, 1], but m.onnx takes [1, 2, 2]');
    await expect(pictures.query(queriesWith(pathsOf(['nothere.png'])), 0)).rejects.toThrow('query 30: nothere.png: ');
  });

  it.each([[[2, 8, 8]], [[8, 8]], [[3, 'height', 8]]])('refuses the shape %j', (shape) => {
    expect(() => items([], shape)).toThrow(`with sides that are known, not [${shape.join(', ')}]`);
  });
});
