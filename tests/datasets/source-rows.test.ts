import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runExtract } from '../../pipelines/extract.js';
import type { JsonObject } from '../../src/data/json.js';
import { type Dataset, type ItemPlaces, modalityOf, openItems, validationItems } from '../../src/datasets/index.js';
import { root } from '../models/extractor-graphs.js';
import { writeModel } from '../models/graphs.js';
import { ROOT } from '../support/cli.js';
import { npyBytes } from '../support/npy.js';
import { temporaryFolder } from '../support/tables.js';
import { writeCsv } from './items-support.js';
import { placesOf } from './memory-items.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const opened: Dataset[] = [];
afterAll(() => Promise.all(opened.map((dataset) => dataset.close?.())));

/** Row 1 is not of the split, so that row 1 of the split is row 2 of the file. */
const SPLITS = ['validation', 'train', 'validation', 'validation'];

beforeAll(() => {
  copyFileSync(join(ROOT, 'tests/fixtures/text/bert.json'), at('tokenizer.json'));
  writeFileSync(at('broken'), 'no picture, no sound, no array');
  // Row by row: 0 0, 1 1, NaN NaN, 3 3.
  writeFileSync(at('rows.npy'), npyBytes('4, 2', new Uint8Array(Float32Array.of(0, 0, 1, 1, Number.NaN, Number.NaN, 3, 3).buffer)));
});

async function validation(column: 'path' | 'text', values: readonly string[], name: string): Promise<string> {
  const rows = SPLITS.map((split, i) => {
    const flag = split === 'train' ? '' : '1';
    return { label: '1', split, is_query: flag, is_gallery: flag, [column]: values[i] };
  });
  return writeCsv(at(name), rows);
}

async function opens(file: string, modality: string, options: JsonObject, places: ItemPlaces): Promise<Dataset> {
  const dataset = await modalityOf(modality).open(validationItems(await openItems(file)), options, places);
  opened.push(dataset);
  return dataset;
}

const tokens = ['input_ids', 'attention_mask'].map((name) => ({ name, type: 'int64', shape: ['batch', 'tokens'] }));

describe('the rows of a split', () => {
  it.each([
    [
      'image',
      'path',
      ['b', 'b', 'broken', 'b'],
      { transform: { name: 'norm_resize_torch', size: 224 } },
      placesOf(folder, ['batch', 3, 224, 224]),
    ],
    ['audio', 'path', ['b', 'b', 'broken', 'b'], {}, placesOf(folder, ['batch', 48_000])],
    ['tensor', 'path', ['b', 'b', 'broken', 'b'], {}, placesOf(folder, ['batch', 2])],
    ['tensor', 'path', ['b', 'b', 'rows.npy', 'b'], { file: 'rows.npy' }, placesOf(folder, ['batch', 2])],
    ['text', 'text', ['a', 'b', ' ', 'c'], {}, { ...placesOf(folder, []), inputs: tokens }],
  ] as const)('are those of the file in messages of %s (%s)', async (modality, column, values, options, places) => {
    const file = await validation(column, values, `${modality}-${Object.keys(options).length}.csv`);
    const dataset = await opens(file, modality, options as JsonObject, places);
    expect(dataset.size).toBe(3);
    await expect(dataset.load(1)).rejects.toThrow(`${file}, row 2`);
    await expect(dataset.visualize(1)).rejects.toThrow(`${file}, row 2`);
  });

  it('are the rows of the one file that holds all arrays', async () => {
    const file = await validation('path', ['a', 'b', 'c', 'd'], 'arrays.csv');
    const dataset = await opens(file, 'tensor', { file: 'rows.npy' }, placesOf(folder, ['batch', 2]));
    expect(await dataset.load(2)).toEqual({ values: Float32Array.of(3, 3), shape: [2] });
    writeFileSync(at('few.npy'), npyBytes('3, 2', new Uint8Array(24)));
    await expect(opens(file, 'tensor', { file: 'few.npy' }, placesOf(folder, ['batch', 2]))).rejects.toThrow(
      `has no row for each of the 4 of ${file}`,
    );
  });

  it('are told of where an embedding is not finite', async () => {
    const file = await validation('path', ['a', 'b', 'c', 'd'], 'roots.csv');
    writeFileSync(at('signs.npy'), npyBytes('4, 2', new Uint8Array(Float32Array.of(0, 0, 1, 1, -2, 2, 3, 3).buffer)));
    const model = writeModel(folder, 'root.onnx', root({ shape: [2] }));
    writeFileSync(at('root.yaml'), 'modality: tensor\ninput: { file: signs.npy }\n');
    const options = { items: file, model, split: 'validation', out: at('roots.arrow'), cache: false };
    await expect(runExtract(options)).rejects.toThrow(`root.onnx: ${file}, row 2: c: its embedding is not finite`);
    expect(await runExtract({ ...options, onError: 'skip' })).toMatchObject({ embedded: 2, skipped: [{ row: 2, path: 'c' }] });
  });
});
