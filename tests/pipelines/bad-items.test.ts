import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { runExtract } from '../../pipelines/index.js';
import { refusal } from '../io/support.js';
import { pairGraph, writeModel } from '../models/graphs.js';
import { rankstream } from '../support/cli.js';
import { writeColourModels, writePicture } from '../support/colours.js';
import { temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, 'set', name);

/** An empty zip archive (PKWARE, APPNOTE.TXT 4.3.16). */
const ZIP = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]);

beforeAll(async () => {
  process.env.RANKSTREAM_CACHE = at('cache');
  mkdirSync(at('.'));
  writeColourModels(at('.'));
  for (const row of [0, 1, 2]) await writePicture(at(`${row}.png`), [1, 0, 0], row);
  const noisy = sharp({
    create: { width: 64, height: 64, channels: 3, background: 'red', noise: { type: 'gaussian', mean: 128, sigma: 40 } },
  });
  const jpeg = await noisy.jpeg().toBuffer();
  writeFileSync(at('cut.jpg'), jpeg.subarray(0, jpeg.length / 2));
  writeFileSync(at('zip.png'), ZIP);
  writeFileSync(join(folder, 'outside.png'), readFileSync(at('0.png')));

  /** A table of three rows, the middle one as given. */
  const table = (name: string, column: string, middle: string | number, more: Record<string, readonly (string | number)[]> = {}) => {
    const cells = [0, 1, 2].map((row) => [row % 2, 'validation', 1, 1, row === 1 ? middle : column === 'text' ? 'red' : `${row}.png`]);
    const lines = cells.map((line, row) => [...line, ...Object.values(more).map((values) => values[row])]);
    const head = ['label', 'split', 'is_query', 'is_gallery', column, ...Object.keys(more)];
    writeFileSync(at(name), [head, ...lines].map((line) => `${line.join(',')}\n`).join(''));
  };
  const boxes = (right: number) => ({ x_1: [0, 0, 0], y_1: [0, 0, 0], x_2: [8, right, 8], y_2: [8, 8, 8] });
  table('good.csv', 'path', '1.png');
  table('cut.csv', 'path', 'cut.jpg');
  table('zip.csv', 'path', 'zip.png');
  table('outside.csv', 'path', '../outside.png');
  table('wide.csv', 'path', '1.png', boxes(9));
  table('texts.csv', 'text', 'light blue');
  writeFileSync(at('numbers.csv'), 'label,split,is_query,is_gallery,text\n0,validation,1,1,12\n1,validation,1,1,13\n');
  writeFileSync(at('train.csv'), 'label,split,is_query,is_gallery,path\n0,train,,,0.png\n');
  writeFileSync(at('rowless.csv'), 'label,split,is_query,is_gallery,path\n');

  /** A model that is described otherwise. */
  const described = (name: string, model: string, description: string) => {
    copyFileSync(at(`${model}.onnx`), at(`${name}.onnx`));
    writeFileSync(at(`${name}.yaml`), description);
  };
  writeModel(at('.'), 'pairs.onnx', pairGraph({ shape: [3, 8, 8] }));
  described('misfit', 'pictures', 'modality: image\ninput: { transform: { name: norm_resize_torch, size: 16 } }\n');
  described('gray', 'pictures', 'modality: image\ninput: { transform: [{ channels: gray }, { resize: { size: [8, 8] } }] }\n');
  described('mistyped', 'pictures', 'modality: image\ninput: { transfrom: norm_resize_torch }\n');
  described('unknown', 'pictures', 'modality: picture\n');
  described('no-tokenizer', 'texts', 'modality: text\npooling: mean\ninput: { tokenizer: texts.csv }\n');
  described('other-json', 'texts', 'modality: text\npooling: mean\ninput: { tokenizer: other.json }\n');
  described('of-texts', 'pictures', 'modality: text\n');
  copyFileSync(at('pictures.onnx'), at('undescribed.onnx'));
  writeFileSync(at('other.json'), '{ "cells": [] }\n');
});

type Case = readonly [items: string, model: string, line: RegExp];

/** Table, model, and the line that tells of it. */
const CASES: readonly Case[] = [
  ['cut.csv', 'pictures.onnx', /^cut\.csv, row 1: cut\.jpg: cannot be read as a picture \(it is damaged, or not all there\)$/],
  ['zip.csv', 'pictures.onnx', /^zip\.csv, row 1: zip\.png: cannot be read as a picture \(.*unsupported image format\)$/],
  [
    'outside.csv',
    'pictures.onnx',
    /^outside\.csv, row 1, column "path": "\.\.\/outside\.png" lies outside of the root folder; give paths inside of it, or another --root$/,
  ],
  ['wide.csv', 'pictures.onnx', /^wide\.csv, row 1: 1\.png: its box, x 0 to 9, y 0 to 8, reaches outside the picture of 8 x 8 pixels$/],
  ['numbers.csv', 'texts.onnx', /^numbers\.csv, column "text": it holds values of type Int64, such as 12; it must hold texts$/],
  ['train.csv', 'pictures.onnx', /^train\.csv: no item of the split "validation" \(there are: train\)$/],
  [
    'good.csv',
    'pairs.onnx',
    /^pairs\.onnx: takes two items, x1 float32 \[batch, 3, 8, 8\] and x2 .*: it compares pairs \(--with rerank:pairs\.onnx@10\); an extractor takes one$/,
  ],
  ['good.csv', 'misfit.onnx', /^the transform gives \[3, 16, 16\], but misfit\.onnx takes \[3, 8, 8\]; resize to size: \[8, 8\]$/],
  ['texts.csv', 'other-json.onnx', /^other\.json: not a Hugging Face tokenizer\.json: it has no "model" with a "vocab"$/],
];

/** Others, which no process is started for. */
const MORE: readonly Case[] = [
  ['rowless.csv', 'pictures.onnx', /^rowless\.csv: the table has no rows$/],
  ['texts.csv', 'pictures.onnx', /^texts\.csv: no column "path" \(there are: label, split, is_query, is_gallery, text\)$/],
  ['good.csv', 'gray.onnx', /^the transform gives \[1, 8, 8\], but gray\.onnx takes \[3, 8, 8\]; take channels: rgb$/],
  ['good.csv', 'mistyped.onnx', /^mistyped\.onnx: unknown option "transfrom" of the input; did you mean "transform"\?$/],
  ['good.csv', 'unknown.onnx', /^unknown\.onnx: unknown modality "picture" \(there are: image, text, audio, tensor\)$/],
  [
    'good.csv',
    'undescribed.onnx',
    /^undescribed\.onnx: nothing tells how items become its input, .*; write undescribed\.yaml beside it, for example/,
  ],
  ['texts.csv', 'no-tokenizer.onnx', /^texts\.csv: the tokenizer is not a JSON object$/],
  ['texts.csv', 'of-texts.onnx', /^of-texts\.onnx: a model of texts takes input_ids and any of .*, not pixels float32 \[batch, 3, 8, 8\]$/],
];

describe('items and models that do not do', () => {
  it.each(CASES.map((one, i) => [i % 2 ? 'extract' : 'evaluate', ...one] as const))(
    'rankstream %s %s --model %s',
    async (command, items, model, line) => {
      const options = command === 'extract' ? ['--split', 'validation', '--out', 'e.parquet'] : ['--metrics', 'cmc@1', '--out', 'm.json'];
      const { status, stdout, stderr } = await rankstream([command, items, '--model', model, '--device', 'cpu', ...options], {
        cwd: at('.'),
      });
      const [told, ...others] = stderr.replace(/\n$/, '').split('\n');
      expect(others).toEqual([]);
      expect(told).toMatch(/^rankstream: /);
      expect(told.replace('rankstream: ', '')).toMatch(line);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(existsSync(at('e.parquet'))).toBe(false);
    },
  );

  it.each(MORE)('%s with %s', async (items, model, line) => {
    const message = await refusal(() => runExtract({ items: at(items), model: at(model), device: 'cpu', out: at('e.parquet') }));
    expect(message.replaceAll(`${at('.')}/`, '')).toMatch(line);
  });
});
