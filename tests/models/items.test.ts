import { join } from 'node:path';
import { Utf8, vectorFromArray } from 'apache-arrow';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { ItemTensors } from '../../src/data/context.js';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { cachedItems } from '../../src/models/cached-items.js';
import { imageTensors } from '../../src/models/image-tensors.js';
import { trivialSiamese } from '../../src/models/trivial-siamese.js';
import { temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();

/** A picture of one colour for each pixel. */
async function picture(name: string, width: number, pixels: readonly (readonly number[])[]): Promise<string> {
  const raw = { width, height: pixels.length / width, channels: pixels[0].length as 1 | 3 | 4 };
  await sharp(Uint8Array.from(pixels.flat()), { raw }).png().toFile(join(folder, name));
  return name;
}

const paths = (values: readonly (string | null)[]) => vectorFromArray(values, new Utf8());

function queriesWith(path: readonly (string | null)[]): RetrievalResults {
  const none = path.map(() => []);
  return RetrievalResults.fromLists({ retrieved: none, distances: none, columns: { path: paths(path) }, firstRow: 30 });
}

describe('imageTensors', () => {
  it('gives the channels one after the other, 0 to 1, and white where a picture is transparent', async () => {
    const colours = [
      [255, 0, 0, 255],
      [0, 51, 0, 255],
      [0, 0, 102, 255],
      [7, 7, 7, 0],
    ];
    const items = imageTensors([3, 2, 2], paths([await picture('colours.png', 2, colours)]), folder);
    const values = [1, 0, 0, 1, 0, 51 / 255, 0, 1, 0, 0, 102 / 255, 1];
    expect([...(await items.gallery(0))]).toEqual(values.map(Math.fround));
    expect(items.shape).toEqual([3, 2, 2]);
  });

  it('is gray for one channel, scaled to the height and width of the model', async () => {
    const file = await picture(
      'gray.png',
      4,
      Array.from({ length: 8 }, () => [51]),
    );
    const items = imageTensors([1, 3, 2], paths([null]), folder);
    const flat = Array.from({ length: 6 }, () => Math.fround(0.2));
    expect([...(await items.query(queriesWith([null, file]), 1))]).toEqual(flat);
    // An absolute path needs no folder.
    expect([...(await imageTensors([1, 3, 2], paths([join(folder, file)]), '/nowhere').gallery(0))]).toEqual(flat);
  });

  it("prefers the queries' own batch to the columns of the results", async () => {
    const file = await picture('own.png', 1, [[255]]);
    const queries = EmbeddingBatch.fromMatrix({ data: new Float32Array(1), rows: 1, dim: 1 }, { path: paths([file]) });
    const rr = RetrievalResults.trusted({ ...queriesWith(['elsewhere.png']), queries });
    expect([...(await imageTensors([1, 1, 1], paths([]), folder).query(rr, 0))]).toEqual([1]);
  });

  it('names the item whose picture is missing, not there, or no picture', async () => {
    const items = imageTensors([1, 2, 2], paths([null, 'nothere.png']), folder);
    await expect(items.gallery(0)).rejects.toThrow('gallery item 0 has no picture: its path is missing');
    await expect(items.gallery(1)).rejects.toThrow(`gallery item 1: ${join(folder, 'nothere.png')} cannot be read as a picture (`);
    await expect(items.query(queriesWith(['nothere.png']), 0)).rejects.toThrow(`query 30: ${join(folder, 'nothere.png')} cannot be read`);
  });

  it.each([[[2, 8, 8]], [[8, 8]], [[3, 'height', 8]]])('refuses the shape %j', (shape) => {
    expect(() => imageTensors(shape, paths([]), folder)).toThrow(`with sides that are known, not [${shape.join(', ')}]`);
  });
});

describe('cachedItems', () => {
  /** Items of 4 bytes that count their loads. */
  function numbers(): { items: ItemTensors; loaded: string[] } {
    const loaded: string[] = [];
    const load = async (what: string, value: number) => {
      loaded.push(`${what} ${value}`);
      return Float32Array.of(value);
    };
    return {
      loaded,
      items: { shape: [1], query: (rr, position) => load('query', rr.rows[position]), gallery: (row) => load('gallery', row) },
    };
  }

  it('loads an item once, also while it is being loaded, and tells queries and gallery apart', async () => {
    const { items, loaded } = numbers();
    const cached = cachedItems(items);
    const rr = queriesWith(['a', 'b']);
    const [a, again] = await Promise.all([cached.gallery(31), cached.gallery(31)]);
    expect([...a, ...again, ...(await cached.query(rr, 1)), ...(await cached.query(rr.slice(1, 2), 0))]).toEqual([31, 31, 31, 31]);
    expect(loaded).toEqual(['gallery 31', 'query 31']);
  });

  it('forgets those that were not asked for the longest, so that its memory is bounded', async () => {
    const { items, loaded } = numbers();
    const cached = cachedItems(items, 2 * 2 * 4);
    for (const row of [0, 1, 0, 2, 0, 1]) await cached.gallery(row);
    expect(loaded).toEqual(['gallery 0', 'gallery 1', 'gallery 2', 'gallery 1']);
  });
});

describe('trivialSiamese', () => {
  const matrix = (...rows: number[][]) => ({ data: Float32Array.from(rows.flat()), rows: rows.length, dim: rows[0].length });
  const queries = EmbeddingBatch.fromMatrix(matrix([0, 0], [1, 2]));
  const lists = { retrieved: [[0, 1], [1]], distances: [[0, 1], [0]] };
  const rr = RetrievalResults.trusted({ ...RetrievalResults.fromLists(lists), queries });
  const pairs = { rr, queries: Int32Array.of(0, 0, 1), rows: Int32Array.of(0, 1, 1) };
  const distances = async (model = trivialSiamese()) => [
    ...Array.from(await model.distances(pairs, { gallery: await Gallery.load([EmbeddingBatch.fromMatrix(matrix([3, 4], [1, -2]))]) })),
  ];

  it('is the L2 distance', async () => {
    expect(await distances()).toEqual([5, Math.fround(Math.sqrt(5)), 4]);
  });

  it('plus a bias, of vectors that a matrix projects', async () => {
    expect(await distances(trivialSiamese({ bias: 10, weight: matrix([2, 0], [0, 1], [0, 0]) }))).toEqual(
      [Math.sqrt(52), Math.sqrt(8), 4].map((distance) => Math.fround(distance + 10)),
    );
    await expect(distances(trivialSiamese({ weight: matrix([1, 2, 3]) }))).rejects.toThrow(
      'linear-trivial-siamese: a weight for vectors of dimension 3 does not fit those of dimension 2',
    );
  });
});
