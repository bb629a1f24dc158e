import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseModelSpec } from '../../src/models/model-spec.js';
import { COLOURS, writeColourModels, writeColourPictures } from '../support/colours.js';
import { installIn } from '../support/installed.js';
import { npyBytes } from '../support/npy.js';
import { hasPython, python } from '../support/python.js';
import { pageText, readmeBlocks } from '../support/readme.js';
import { temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const { bash, node } = installIn(folder);
const PAGE = 'docs/items.md';

const blocks = (title: string, language: string) => readmeBlocks(language, PAGE, title);

const ITEMS = 4 * Object.keys(COLOURS).length;

beforeAll(async () => {
  process.env.RANKSTREAM_CACHE = at('cache');
  writeColourModels(folder);
  const pictures = await writeColourPictures(folder, (name, n) => `${name}-${n}.png`);
  const lines = pictures.map(({ label, path }) => `${label},validation,1,1,${path}\n`);
  writeFileSync(at('items.csv'), `label,split,is_query,is_gallery,path\n${lines.join('')}`);
  copyFileSync(at('pictures.onnx'), at('projected.onnx'));
  writeFileSync(at('head.npy'), npyBytes('2, 3', new Uint8Array(Float32Array.of(1, 0, 0, 0, 1, -1).buffer)));
  for (const block of blocks('Models', 'yaml')) {
    const [, name] = /^# (\S+)/.exec(block) ?? [];
    if (name) writeFileSync(at(name), block);
  }
});

describe('docs/items.md, Models', () => {
  it('has a row for each key of a description', () => {
    const keys = [...pageText(PAGE, 'Models').matchAll(/^\| `(.+?)` /gm)].map(([, key]) => key);
    const whole = { modality: 'text', input: {}, output: 'y', pooling: 'mean', head: 'head.npy', normalise: true };
    expect(keys).toEqual(Object.keys(whole));
    expect(parseModelSpec(whole, 'model.yaml')).toEqual(whole);
    expect(parseModelSpec({ modality: 'text' }, 'model.yaml')).toEqual({ modality: 'text', input: {} });
  });

  it('shows descriptions that models are opened with', async () => {
    const examples = blocks('Models', 'yaml').map((block) => parseModelSpec(parse(block), 'model.yaml'));
    expect(examples.map(({ modality }) => modality)).toEqual(['image', 'image', 'text']);
    for (const [model, dim] of [
      ['pictures', 3],
      ['projected', 2],
    ]) {
      const { stdout, stderr, status } = await bash(`rankstream extract items.csv --model ${model}.onnx --out ${model}.arrow`);
      expect([status, stderr, stdout]).toEqual([0, '', `${ITEMS} items embedded, ${dim} numbers each, in ${model}.arrow\n`]);
    }
  });

  it('shows code that runs', async () => {
    const [block] = blocks('Models', 'ts');
    expect(await node(block)).toMatchObject({ status: 0, stderr: '', stdout: 'icon-embedder.onnx 2 128 1.000\n' });
  });

  it.skipIf(!hasPython)('shows how a model of PyTorch is exported, in ten lines', async () => {
    const [block] = blocks('Models', 'python');
    expect(block.trim().split('\n').length).toBeLessThanOrEqual(10);
    writeFileSync(at('export.py'), block);
    const exported = await python(['export.py'], folder);
    expect([exported.status, exported.status === 0 ? '' : exported.stderr]).toEqual([0, '']);
    const [command] = blocks('Models', 'bash');
    const { status, stdout, stderr } = await bash(command);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('model mine.onnx');
  });
});

describe('docs/items.md, Extracting', () => {
  it('shows commands that run, one after the other', async () => {
    const { status, stdout, stderr } = await bash(blocks('Extracting', 'bash').join(''));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`${ITEMS} items embedded`);
    expect(stdout).toContain('in validation.arrow\n');
    expect(stdout).toMatch(/OVERALL +1\.0000 +1\.0000/);
  });

  it('shows code that runs', async () => {
    const [block] = blocks('Extracting', 'ts');
    const { status, stdout, stderr } = await node(block);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`${ITEMS} items, ${ITEMS} of them known\n${ITEMS} 3\n`);
  });
});
