import { execFileSync } from 'node:child_process';
import { readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Float64, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../src/data/errors.js';
import type { JsonObject } from '../../../src/data/json.js';
import { imageDataset, modalityOf } from '../../../src/datasets/index.js';
import { applyTransform, type Picture, type PictureTensor, parseTransform } from '../../../src/models/transforms/index.js';
import { fileOf, REFERENCE } from '../../models/transforms/reference.js';
import { ROOT } from '../../support/cli.js';
import { rasterise } from '../../support/rasterise.js';
import { temporaryFolder } from '../../support/tables.js';
import { itemsOf, placesOf } from '../memory-items.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const WIDTH = 40;
const HEIGHT = 28;
/** Smooth enough that JPEG and AVIF keep it. */
const PIXELS = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
  const [x, y, c] = [((i / 3) | 0) % WIDTH, (i / 3 / WIDTH) | 0, i % 3];
  return [4 * x + 20, 6 * y + 30, 2 * x + 3 * y + 10][c];
});
const raw = { width: WIDTH, height: HEIGHT, channels: 3 as const };
const PICTURE: Picture = { ...raw, data: PIXELS };
const picture = () => sharp(PIXELS, { raw });
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4"><rect width="4" height="4" fill="#ff0000"/></svg>';

beforeAll(async () => {
  await picture().png().toFile(at('a.png'));
  await picture().webp({ lossless: true }).toFile(at('a.webp'));
  await picture().tiff({ compression: 'lzw' }).toFile(at('a.tiff'));
  await picture().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toFile(at('a.jpg'));
  await picture().avif({ quality: 100, chromaSubsampling: '4:4:4' }).toFile(at('a.avif'));
  await picture().toColourspace('rgb16').png().toFile(at('deep.png'));
  await picture().extract({ left: 0, top: 0, width: 8, height: 8 }).gif().toFile(at('a.gif'));
  await picture().grayscale().png().toFile(at('gray.png'));
  writeFileSync(at('a.svg'), SVG);
  writeFileSync(at('alpha.png'), fileOf('alpha'));
  for (let orientation = 1; orientation <= 8; orientation++) {
    await picture()
      .withMetadata({ orientation })
      .png()
      .toFile(at(`turned${orientation}.png`));
  }
  writeFileSync(at('zip.png'), Buffer.from('504b0304140000000800', 'hex'));
  writeFileSync(at('empty.png'), '');
  execFileSync('mkfifo', [at('pipe.png')]);
  symlinkSync('nowhere.png', at('link.png'));
  writeFileSync(at('text.svg'), '<svg>not closed');
  await copyFile(at('a.jpg'), at('cut.jpg'));
  truncateSync(at('cut.jpg'), 600);
  await copyFile(at('a.png'), at('cut.png'));
  truncateSync(at('cut.png'), 200);
});

interface Opening {
  readonly options?: JsonObject;
  readonly shape?: readonly (number | string)[];
  readonly type?: string;
}
/** As YAML or JSON gives it. */
const json = (value: object) => value as JsonObject;
const open = (columns: Parameters<typeof itemsOf>[0], { options = {}, shape = ['batch', 3, 'h', 'w'], type }: Opening = {}) =>
  imageDataset(itemsOf(columns), { transform: [], ...options }, placesOf(folder, shape, type));
const bytesOf = (data: Float32Array | Uint16Array) => Uint8Array.from(data, (value) => Math.round(value * 255));
const tensorOf = (from: Picture, transform: unknown = []) => applyTransform(parseTransform(transform, 'x'), from, 'float32');
/** Cut out by hand. */
function cut({ data, width, channels }: Picture, [x1, y1, x2, y2]: readonly number[]): Picture {
  const rows = Array.from({ length: y2 - y1 }, (_, y) =>
    data.subarray(((y1 + y) * width + x1) * channels, ((y1 + y) * width + x2) * channels),
  );
  return { width: x2 - x1, height: y2 - y1, channels, data: Uint8Array.from(rows.flatMap((row) => [...row])) };
}

describe('decoding', () => {
  it.each(['a.png', 'a.webp', 'a.tiff', 'deep.png'])('%s is what was stored', async (path) => {
    expect(await open({ path: [path] }).load(0)).toEqual(tensorOf(PICTURE));
  });

  it.each(['a.jpg', 'a.avif'])('%s is nearly what was stored', async (path) => {
    const { data, shape } = await open({ path: [path] }).load(0);
    expect(shape).toEqual([3, HEIGHT, WIDTH]);
    for (const [i, value] of tensorOf(PICTURE).data.entries()) expect(Math.abs(data[i] - value) * 255).toBeLessThan(5);
  });

  it('takes the first frame of a GIF, and gray as three equal channels', async () => {
    expect((await open({ path: ['a.gif'] }).load(0)).shape).toEqual([3, 8, 8]);
    const { data, shape } = await open({ path: ['gray.png'] }).load(0);
    expect(shape).toEqual([3, HEIGHT, WIDTH]);
    const plane = HEIGHT * WIDTH;
    expect(data.slice(plane, 2 * plane)).toEqual(data.slice(0, plane));
    expect(data.slice(2 * plane)).toEqual(data.slice(0, plane));
  });

  it('draws SVG at the density that is asked for', async () => {
    const small = await open({ path: ['a.svg'] }).load(0);
    expect(small.shape).toEqual([3, 4, 8]);
    expect([...bytesOf(small.data.slice(0, 8))]).toEqual(Array(8).fill(255));
    expect([...bytesOf(small.data.slice(32, 40))]).toEqual([0, 0, 0, 0, 255, 255, 255, 255]);
    expect((await open({ path: ['a.svg'] }, { options: { density: 144 } }).load(0)).shape).toEqual([3, 8, 16]);
  });

  it.each(Object.keys(REFERENCE.backgrounds))('transparent on %s, as Pillow', async (background) => {
    const { data } = await open({ path: ['alpha.png'] }, { options: { background } }).load(0);
    const wanted = Uint8Array.from(Buffer.from(REFERENCE.backgrounds[background], 'base64'));
    const plane = 24 * 31;
    const apart = wanted.map((value, i) => Math.abs(Math.round(data[(i % 3) * plane + ((i / 3) | 0)] * 255) - value));
    expect(Math.max(...apart)).toBeLessThanOrEqual(background === 'none' ? 0 : 1);
  });

  it.each(Object.entries(REFERENCE.prints))('CMYK in %s, as Pillow', async (format, { file, rgb }) => {
    writeFileSync(at(`print.${format}`), Buffer.from(file, 'base64'));
    const wanted = { width: 17, height: 12, channels: 3, data: Uint8Array.from(Buffer.from(rgb, 'base64')) };
    expect(await open({ path: [`print.${format}`] }).load(0)).toEqual(tensorOf(wanted));
  });

  it('turns pictures by their EXIF orientation where that is asked for, and cuts boxes of stored pixels', async () => {
    const orientations = [1, 2, 3, 4, 5, 6, 7, 8];
    const box = [3, 5, 20, 11];
    const path = orientations.map((orientation) => `turned${orientation}.png`);
    const boxes = { x_1: path.map(() => box[0]), y_1: path.map(() => box[1]), x_2: path.map(() => box[2]), y_2: path.map(() => box[3]) };
    const [stored, turned, cutTurned] = [
      open({ path }),
      open({ path }, { options: { exif: true } }),
      open({ path, ...boxes }, { options: { exif: true } }),
    ];
    const part = cut(PICTURE, box);
    for (const [row, orientation] of orientations.entries()) {
      expect(await stored.load(row)).toEqual(tensorOf(PICTURE));
      for (const [dataset, from] of [[turned, PICTURE] as const, [cutTurned, part] as const]) {
        const file = await sharp(from.data, { raw: { width: from.width, height: from.height, channels: 3 } })
          .withMetadata({ orientation })
          .png()
          .toBuffer();
        const { data, info } = await sharp(file).autoOrient().raw().toBuffer({ resolveWithObject: true });
        expect(await dataset.load(row)).toEqual(tensorOf({ data, width: info.width, height: info.height, channels: 3 }));
      }
    }
  });

  it('gives icons bit by bit as the embedder was trained on them', async () => {
    const icons = join(ROOT, 'node_modules/@phosphor-icons/core/assets/regular');
    const path = readdirSync(icons).filter((_, i) => i % 25 === 0);
    const options = json({ density: 18, transform: [{ channels: 'gray' }, { normalise: { mean: 1, std: -1 } }] });
    const dataset = imageDataset(itemsOf({ path }), options, placesOf(icons, ['batch', 1, 64, 64]));
    await Promise.all(
      path.map(async (name, row) => {
        const ink = Float32Array.from(await rasterise(join(icons, name)), (value) => value / 255);
        expect(await dataset.load(row)).toEqual({ data: ink, shape: [1, 64, 64] });
      }),
    );
  });
});

const boxes = fc
  .tuple(fc.nat(WIDTH - 1), fc.nat(HEIGHT - 1), fc.nat(WIDTH), fc.nat(HEIGHT))
  .map(([x, y, w, h]) => [x, y, Math.min(WIDTH, x + 1 + w), Math.min(HEIGHT, y + 1 + h)] as const);

describe('properties', () => {
  it('a box is cut before the transform', async () => {
    const transform = [{ resize: { size: 12 } }, { 'center-crop': { size: 10 } }, { channels: 'gray' }];
    await fc.assert(
      fc.asyncProperty(fc.array(boxes, { minLength: 1, maxLength: 4 }), async (cuts) => {
        const columns = Object.fromEntries(['x_1', 'y_1', 'x_2', 'y_2'].map((name, side) => [name, cuts.map((box) => box[side])]));
        const dataset = open({ path: cuts.map(() => 'a.png'), ...columns }, { options: json({ transform }), shape: ['batch', 1, 10, 10] });
        for (const [row, box] of cuts.entries()) expect(await dataset.load(row)).toEqual(tensorOf(cut(PICTURE, box), transform));
      }),
      { numRuns: 25 },
    );
  });

  it('order and concurrency of loading change no byte', async () => {
    const path = ['a.png', 'a.jpg', 'a.avif', 'gray.png', 'alpha.png', 'a.webp', 'a.svg', 'turned6.png'];
    const dataset = open({ path }, { options: { transform: { name: 'norm_resize_albu', size: 16 } }, shape: ['batch', 3, 16, 16] });
    const alone: PictureTensor[] = [];
    for (const row of path.keys()) alone.push(await dataset.load(row));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(path.length - 1), { minLength: 1, maxLength: 12 }), async (rows) => {
        expect(await Promise.all(rows.map((row) => dataset.load(row)))).toEqual(rows.map((row) => alone[row]));
      }),
      { numRuns: 10 },
    );
  });

  it('the content hash tells files and boxes apart, not names', async () => {
    await copyFile(at('a.png'), at('same.png'));
    const none = [null, null, null, null, null];
    const box = (values: (number | null)[]) => vectorFromArray(values, new Float64());
    const dataset = open({
      path: ['a.png', 'same.png', 'a.png', 'a.png', 'a.webp'],
      x_1: box([null, null, 0, 1, null]),
      y_1: box([null, null, 0, 0, null]),
      x_2: box([null, null, WIDTH, WIDTH, null]),
      y_2: box([null, null, HEIGHT, HEIGHT, null]),
    });
    const hashes = await Promise.all(none.map((_, row) => dataset.contentHash(row)));
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes[1]).toBe(hashes[0]);
    expect(new Set(hashes).size).toBe(4);
  });
});

describe('batches', () => {
  it('are float32 [batch, channels, height, width], or float16 for a model that takes that', async () => {
    for (const type of ['float32', 'float16']) {
      const dataset = open({ path: ['a.png', 'gray.png'] }, { type, shape: ['batch', 3, HEIGHT, WIDTH] });
      const items = await Promise.all([dataset.load(0), dataset.load(1)]);
      const { input } = dataset.collate(items);
      expect(input).toMatchObject({ type, dims: [2, 3, HEIGHT, WIDTH] });
      expect(input.data).toBeInstanceOf(type === 'float16' ? Uint16Array : Float32Array);
      expect([...input.data]).toEqual([...items[0].data, ...items[1].data]);
    }
  });

  it('of several sizes are refused', async () => {
    const dataset = open({ path: ['a.png', 'a.gif'] });
    const items = await Promise.all([dataset.load(0), dataset.load(1)]);
    expect(() => dataset.collate(items)).toThrow(
      `pictures of [3, ${HEIGHT}, ${WIDTH}] and [3, 8, 8] do not go into one batch; add a resize to one size, [height, width], to the transform`,
    );
  });
});

describe('a picture in a report', () => {
  it('is there whole, as it is turned, with its box', async () => {
    const columns = { path: ['a.png', 'turned6.png'], x_1: [10, 10], y_1: [2, 2], x_2: [30, 30], y_2: [20, 20] };
    const html = await open(columns).visualize(0);
    expect(html).toMatch(
      /^<svg role="img" aria-label="picture of row 0" width="40" height="28" viewBox="0 0 40 28"><image href="data:image\/(png|webp);base64,/,
    );
    expect(html).toContain('<rect x="10" y="2" width="20" height="18" fill="none" ');
    const turned = await open(columns, { options: { exif: true } }).visualize(1);
    expect(turned).toContain('viewBox="0 0 28 40"');
    expect(turned).toContain('<rect x="8" y="10" width="18" height="20" ');
    expect(await open({ path: ['a.png'] }).visualize(0)).not.toContain('<rect');
    expect(await open(columns).visualize(0)).toBe(html);
  });
});

describe('what is wrong is told in one line', () => {
  const box = { x_1: [0], y_1: [0], x_2: [10], y_2: [10] };
  it.each<[string, Parameters<typeof itemsOf>[0], string]>([
    ['a truncated JPEG', { path: ['cut.jpg'] }, 'items.csv, row 0: cut.jpg: cannot be read as a picture ('],
    ['a truncated PNG', { path: ['cut.png'] }, 'items.csv, row 0: cut.png: cannot be read as a picture ('],
    [
      'a zip',
      { path: ['zip.png'] },
      'items.csv, row 0: zip.png: cannot be read as a picture (Input buffer contains unsupported image format)',
    ],
    ['no SVG', { path: ['text.svg'] }, 'items.csv, row 0: text.svg: cannot be read as a picture ('],
    ['an empty file', { path: ['empty.png'] }, 'the file is empty'],
    ['a file that is not there', { path: ['b.png'] }, 'items.csv, row 0: b.png: '],
    ['a pipe', { path: ['pipe.png'] }, 'pipe.png: is not a regular file'],
    ['a link to nowhere', { path: ['link.png'] }, 'link.png: is a link to what is not there'],
    [
      'a box outside',
      { path: ['a.png'], ...box, x_2: [41] },
      'items.csv, row 0: a.png: its box, x 0 to 41, y 0 to 10, reaches outside the picture of 40 x 28 pixels',
    ],
    [
      'an empty box',
      { path: ['a.png'], ...box, y_2: [0] },
      'row 0: a.png: its box, x 0 to 10, y 0 to 0, is empty; it needs x_1 < x_2 and y_1 < y_2',
    ],
    [
      'half a box',
      { path: ['a.png'], ...box, y_2: vectorFromArray([null], new Float64()) },
      'a.png: its box has no y_2; give all of x_1, y_1, x_2, y_2, or none',
    ],
    [
      'a box of fractions',
      { path: ['a.png'], ...box, x_1: [0.5] },
      'a.png: its box, x 0.5 to 10, y 0 to 10, is not in whole pixels of 0 or more',
    ],
    [
      'another size than the model takes',
      { path: ['a.gif'] },
      'items.csv, row 0: a.gif: the transform gives [3, 8, 8], but m.onnx takes [3, 28, 40]; resize to size: [28, 40]',
    ],
  ])('%s', async (_, columns, message) => {
    const dataset = open(columns, { shape: ['batch', 3, HEIGHT, WIDTH] });
    const error = await dataset.load(0).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(message);
    expect((error as UserError).message).not.toContain('\n');
  });

  it('the same, whatever else is broken at that time', async () => {
    const path = Array.from({ length: 60 }, (_, i) => ['cut.jpg', 'cut.png', 'text.svg'][i % 3]);
    const dataset = open({ path });
    const told = await Promise.all(path.map((_, row) => dataset.load(row).catch((error: UserError) => error.message.split(': ')[2])));
    expect(new Set(told.filter((_, row) => row % 3 < 2))).toEqual(
      new Set(['cannot be read as a picture (it is damaged, or not all there)']),
    );
  });

  it.each<[string, Parameters<typeof itemsOf>[0], Opening, string]>([
    ['no path', { text: ['a'] }, {}, 'items.csv: no column "path"'],
    [
      'a side of the box',
      { path: ['a.png'], x_1: [0], x_2: [1], y_1: [0] },
      {},
      'items.csv: no column "y_2", but others of a box, x_1, y_1, x_2, y_2',
    ],
    [
      'an option',
      { path: ['a.png'] },
      { options: { backgroud: '#ffffff' } },
      'm.onnx: unknown option "backgroud" of the input; did you mean "background"?',
    ],
    ['a colour', { path: ['a.png'] }, { options: { background: 'white' } }, 'm.onnx: input.background: must be #rrggbb or none'],
    ['a step', { path: ['a.png'] }, { options: { transform: [{ resise: {} }] } }, 'm.onnx: step 1 of the transform: unknown step "resise"'],
    [
      'channels',
      { path: ['a.png'] },
      { shape: ['batch', 1, 28, 40] },
      'the transform gives [3, height, width], but m.onnx takes [1, 28, 40]; add the step channels: gray',
    ],
    ['a rank', { path: ['a.png'] }, { shape: ['batch', 384] }, 'the transform gives [3, height, width], but m.onnx takes [384]'],
    [
      'a type',
      { path: ['a.png'] },
      { type: 'int64' },
      'm.onnx: takes input int64 [batch, 3, h, w], where one input is needed, float32 or float16 [batch, ...]',
    ],
  ])('before the first picture: %s', (_, columns, opening, message) => {
    expect(() => open(columns, opening)).toThrow(message);
    expect(() => open(columns, opening)).toThrow(UserError);
  });

  it('a model without a transform', () => {
    expect(() => imageDataset(itemsOf({ path: [] }), {}, placesOf(folder, ['batch', 3, 8, 8]))).toThrow(
      'm.onnx: input.transform: is missing; give the steps that the model was trained with, or their name',
    );
  });
});

describe('the modality', () => {
  it('is known by its name, and says how its pictures are made', async () => {
    const given = { transform: { name: 'norm_resize_torch', size: 8 }, exif: true };
    const places = placesOf(folder, ['batch', 3, 8, 8]);
    const dataset = await modalityOf('image').open(itemsOf({ path: ['a.png'] }), given, places);
    expect(dataset).toMatchObject({ modality: 'image', size: 1, itemBytes: ((await dataset.load(0)) as PictureTensor).data.byteLength });
    const whole = { transform: [], density: 10 };
    expect(imageDataset(itemsOf({ path: [] }), whole, placesOf(folder, ['batch', 3, 'height', 'width'])).itemBytes).toBeUndefined();
    const { preparation } = dataset;
    const { decoder, ...options } = preparation;
    expect(decoder).toMatchObject({ sharp: sharp.versions.sharp });
    expect(preparation).toMatchObject({ exif: true, density: 72, background: '#ffffff' });
    // What it says makes the same pictures.
    const again = imageDataset(itemsOf({ path: ['a.png'] }), JSON.parse(JSON.stringify(options)), places);
    expect(again.preparation).toEqual(preparation);
    expect(await again.load(0)).toEqual(await dataset.load(0));
  });
});
