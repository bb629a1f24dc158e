import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Album, makeAlbum, shownPath } from '../../src/report/pictures.js';
import type { Item } from '../../src/report/report.js';

let root: string;
const item = (path: string, more: Partial<Item> = {}): Item => ({ row: 0, kind: 'gallery', path, ...more });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rankstream-pictures-'));
  // Left half red, right half transparent.
  const red = await sharp({ create: { width: 200, height: 200, channels: 4, background: '#f00' } })
    .png()
    .toBuffer();
  const half = sharp({ create: { width: 400, height: 200, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } }).composite([
    { input: red, left: 0, top: 0 },
  ]);
  await half.png().toFile(join(root, 'half.png'));
  await half.png().toFile(join(root, 'copy.png'));
  await sharp({ create: { width: 40, height: 20, channels: 3, background: '#00f' } })
    .jpeg()
    .withExif({ IFD0: { Orientation: '6' } })
    .toFile(join(root, 'small.jpg'));
  await writeFile(join(root, 'broken.png'), 'not a picture');
});

afterAll(() => rm(root, { recursive: true, force: true }));

async function pixels(album: Album, id: string | undefined) {
  const uri = new RegExp(`id="${id}".*?base64,([^"]+)"`).exec(album.symbols)?.[1] ?? '';
  const { data, info } = await sharp(Buffer.from(uri, 'base64')).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) =>
    Array.from(data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3), (v) => Math.round(v / 16) * 16);
  return { at, width: info.width, height: info.height };
}

describe('makeAlbum', () => {
  test('thumbnails of at most 128 pixels on white, never enlarged', async () => {
    const album = await makeAlbum([item('half.png'), item('small.jpg')], { root });
    const half = await pixels(album, album.of(item('half.png'))?.id);
    expect([half.width, half.height]).toEqual([128, 64]);
    expect(half.at(10, 30)).toEqual([256, 0, 0]);
    expect(half.at(120, 30)).toEqual([256, 256, 256]);
    expect(album.of(item('small.jpg'))).toMatchObject({ width: 40, height: 20 });
  });

  test('a box is cut out first, at the edge of the picture too', async () => {
    const right = item('half.png', { box: [150, 0, 500, 200] });
    const album = await makeAlbum([right], { root });
    const cut = await pixels(album, album.of(right)?.id);
    expect([cut.width, cut.height]).toEqual([128, 102]);
    expect([cut.at(3, 50), cut.at(60, 50)]).toEqual([
      [256, 0, 0],
      [256, 256, 256],
    ]);
  });

  test('each distinct picture is there once', async () => {
    const album = await makeAlbum([item('half.png'), item('copy.png'), item('half.png', { row: 5 })], { root });
    expect(album.symbols.match(/<symbol/g)).toHaveLength(1);
    expect(album.of(item('copy.png'))?.id).toBe('p0');
  });

  test('missing and broken files, empty boxes and folders make one warning', async () => {
    const bad = [
      item('broken.png'),
      item('none.png'),
      item('half.png', { box: [10, 10, 10, 20] }),
      item('.'),
      item('https://example.org/x.png'),
    ];
    const album = await makeAlbum([...bad, { row: 1, kind: 'query' }], { root });
    expect(album.symbols).toBe('');
    expect(album.warnings).toEqual([
      '5 pictures could not be shown (missing, or no image that can be read): broken.png, none.png, half.png, ...',
    ]);
    expect(album.of(bad[0])).toBeUndefined();
  });

  test('absolute paths are read, but not told', async () => {
    const album = await makeAlbum([item(join(root, 'half.png')), item('/somewhere/else/gone.png')], { root });
    expect(album.of(item(join(root, 'half.png')))).toBeDefined();
    expect(album.warnings[0]).toMatch(/: gone\.png$/);
    expect(shownPath(join(root, 'a', 'b.png'), root)).toBe(join('a', 'b.png'));
  });
});
