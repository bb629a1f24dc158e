import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runExtract } from '../../pipelines/extract.js';
import { trainingNames, validationIcons, WEIGHTS } from '../../pipelines/icons/dataset.js';
import { iconTable, prepareIcons } from '../../pipelines/icons/prepare.js';
import { checkItems, readItems } from '../../src/datasets/index.js';
import { readEmbeddings } from '../../src/io/read-embeddings.js';
import { openExtractor } from '../../src/models/extractor.js';
import { findModel } from '../../src/models/zoo/find-model.js';
import { collect } from '../io/support.js';
import { rasterise, SIDE } from '../support/rasterise.js';
import { temporaryFolder } from '../support/tables.js';

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

describe('items.csv', () => {
  const folder = temporaryFolder();

  test('is in the retrieval format: drawings without a part in the search stand outside of validation', async () => {
    const { items, picturesRoot } = await prepareIcons(folder);
    const table = await readItems(items);
    expect(table.size).toBe(4536);
    expect(Object.keys(table.columns)).toEqual(['id', 'label', 'category', 'path', 'split', 'is_query', 'is_gallery']);
    const { counts, violations } = await checkItems(table, { root: picturesRoot });
    expect(violations).toEqual([]);
    expect(counts).toMatchObject({ items: 4536, train: 756, validation: 3780, queries: 3024, gallery: 756, labels: 756, categories: 18 });
  });

  test('becomes unit vectors, in order, by the model of the zoo', async () => {
    const file = join(folder, 'few.csv');
    writeFileSync(file, iconTable(set.icons.slice(0, 70)));
    const out = join(folder, 'few.parquet');
    const root = set.picturesRoot;
    await runExtract({ items: file, model: 'icon-embedder', root, out, device: 'cpu', cache: false });
    const [batch] = await collect(readEmbeddings(out));
    expect([batch.rows, batch.dim]).toEqual([70, 128]);
    for (const [i, icon] of set.icons.slice(0, 70).entries()) expect(batch.columns.path.get(i)).toBe(icon.path);
    const row = (i: number) => batch.data.subarray(i * 128, (i + 1) * 128);
    for (let i = 0; i < 70; i++) expect(row(i).reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 5);
    // As the model gives it for the drawing itself.
    const extractor = await openExtractor(await findModel('icon-embedder'));
    for (const i of [0, 31, 32, 69]) {
      const data = Float32Array.from(await rasterise(join(root, set.icons[i].path)), (value) => value / 255);
      const alone = await extractor.embed({ input: { type: 'float32', data, dims: [1, 1, SIDE, SIDE] } });
      expect(Math.max(...alone.data.map((x, j) => Math.abs(x - row(i)[j])))).toBeLessThan(1e-5);
    }
    await extractor.close();
  });
});
