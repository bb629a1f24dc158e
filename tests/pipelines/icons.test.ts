import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cachedRasters } from '../../pipelines/icons/cache.js';
import { type IconSet, trainingNames, validationIcons, WEIGHTS } from '../../pipelines/icons/dataset.js';
import { embedImages } from '../../pipelines/icons/embed.js';
import { PIXELS, rasterise, rasteriseAll, SIDE } from '../../pipelines/icons/rasterise.js';
import { iconTable } from '../../pipelines/icons/table.js';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';

const set = validationIcons();

describe('the validation icons', () => {
  test('are the 756 names that the model was not trained on, each in six weights', () => {
    const names = new Set(set.icons.map((icon) => icon.label));
    expect(names.size).toBe(756);
    expect(trainingNames().size).toBe(756);
    expect([...names].filter((name) => trainingNames().has(name))).toEqual([]);
    expect(set.icons).toHaveLength(756 * WEIGHTS.length);
    expect(new Set(set.icons.map((icon) => icon.id)).size).toBe(set.icons.length);
    expect(new Set(set.icons.map((icon) => icon.category)).size).toBe(18);
  });

  test('come by name, then weight', () => {
    const names = set.icons.map((icon) => icon.label);
    expect(names).toEqual(names.toSorted());
    expect(set.icons.slice(0, 6).map((icon) => icon.weight)).toEqual(WEIGHTS);
  });

  test('are queries as outlines, gallery as filled forms, and neither in duotone', () => {
    const weights = (flag: 'isQuery' | 'isGallery') => [...new Set(set.icons.filter((icon) => icon[flag]).map((icon) => icon.weight))];
    expect(weights('isQuery')).toEqual(['thin', 'light', 'regular', 'bold']);
    expect(weights('isGallery')).toEqual(['fill']);
  });
});

describe('rasterise', () => {
  const draw = (path: string) => rasterise(join(set.picturesRoot, path));

  test('gives 64 x 64 values, ink on a background of 0, the same each time', async () => {
    const icon = await draw('fill/acorn-fill.svg');
    expect(icon).toHaveLength(SIDE * SIDE);
    const corners = [0, SIDE - 1, PIXELS - SIDE, PIXELS - 1].map((i) => icon[i]);
    expect(corners).toEqual([0, 0, 0, 0]);
    expect(Math.max(...icon)).toBe(255);
    expect(await draw('fill/acorn-fill.svg')).toEqual(icon);
  });

  test('gives less ink for thinner lines', async () => {
    const ink = async (weight: string) => (await draw(`${weight}/acorn-${weight}.svg`)).reduce((sum, value) => sum + value, 0);
    const [thin, bold, fill] = await Promise.all(['thin', 'bold', 'fill'].map(ink));
    expect(thin).toBeGreaterThan(0);
    expect(bold).toBeGreaterThan(thin);
    expect(fill).toBeGreaterThan(bold);
  });
});

describe('the cache', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rankstream-icons-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const few: IconSet = { ...set, icons: set.icons.slice(0, 7) };

  test('keeps what was drawn, draws again what is damaged, and leaves nothing unfinished', async () => {
    const drawn = await cachedRasters(few, folder);
    expect(drawn.cached).toBe(false);
    expect(drawn.images).toHaveLength(7 * PIXELS);
    const files = await readdir(folder);
    expect(files).toHaveLength(1);
    const again = await cachedRasters(few, folder);
    expect(again.cached).toBe(true);
    expect(Buffer.compare(again.images, drawn.images)).toBe(0);
    await truncate(join(folder, files[0]), 1000);
    const repaired = await cachedRasters(few, folder);
    expect(repaired.cached).toBe(false);
    expect(Buffer.compare(repaired.images, drawn.images)).toBe(0);
    expect(await readdir(folder)).toEqual(files);
  });

  test('keeps different icons apart', async () => {
    await cachedRasters(few, folder);
    expect((await cachedRasters({ ...few, icons: set.icons.slice(7, 14) }, folder)).cached).toBe(false);
    expect((await cachedRasters({ ...few, version: '9.9.9' }, folder)).cached).toBe(false);
  });
});

describe('embedding', () => {
  test('gives one unit vector an image, in order, over several batches', async () => {
    const count = 130;
    const images = await rasteriseAll(set.icons.slice(0, count).map((icon) => join(set.picturesRoot, icon.path)));
    const { data, rows, dim } = await embedImages(images);
    expect([rows, dim]).toEqual([count, 128]);
    const row = (i: number) => data.subarray(i * dim, (i + 1) * dim);
    for (let i = 0; i < count; i++) expect(row(i).reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 5);
    for (const i of [0, 127, 128, 129]) {
      const alone = await embedImages(images.subarray(i * PIXELS, (i + 1) * PIXELS));
      expect(Math.max(...alone.data.map((x, j) => Math.abs(x - row(i)[j])))).toBeLessThan(1e-5);
    }
  });
});

test('the table is in the retrieval format', () => {
  const icons = set.icons.slice(0, 6);
  const vectors = { data: Float32Array.from({ length: 12 }, (_, i) => i), rows: 6, dim: 2 };
  const batch = EmbeddingBatch.fromArrow(iconTable(icons, vectors), { source: 'icons', firstRow: 0 });
  expect({ rows: batch.rows, dim: batch.dim, data: batch.data }).toEqual(vectors);
  expect(Object.keys(batch.columns)).toEqual(['id', 'label', 'category', 'path', 'is_query', 'is_gallery']);
  expect(batch.columns.path.get(3)).toBe(icons[3].path);
  expect([0, 1, 2, 3, 4, 5].map(batch.flags('is_query')!)).toEqual([true, true, true, true, false, false]);
  expect([0, 1, 2, 3, 4, 5].map(batch.flags('is_gallery')!)).toEqual([false, false, false, false, true, false]);
});
