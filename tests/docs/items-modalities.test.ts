import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { modalityOf } from '../../src/datasets/index.js';
import { parseModelSpec, parseTransform } from '../../src/models/index.js';
import { NAMED } from '../../src/models/transforms/named.js';
import { itemsOf, placesOf } from '../datasets/memory-items.js';
import { ROOT, run } from '../support/cli.js';
import { npyBytes } from '../support/npy.js';
import { pageText, readmeBlocks } from '../support/readme.js';
import { temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const PAGE = 'docs/items.md';

const blocks = (title: string, language: string) => readmeBlocks(language, PAGE, title);

const table = (paths: readonly string[], columns: Readonly<Record<string, readonly unknown[]>> = {}) =>
  [
    ['label,split,is_query,is_gallery,path', ...Object.keys(columns)].join(),
    ...paths.map((path, row) => [row, 'validation', 'True', 'True', path, ...Object.values(columns).map((values) => values[row])].join()),
  ].join('\n');

async function node(script: string): Promise<string> {
  writeFileSync(join(folder, 'script.mjs'), script);
  const { status, stdout, stderr } = await run(process.execPath, ['script.mjs'], { cwd: folder });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

beforeAll(() => {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'rankstream'));
});

describe('docs/items.md', () => {
  it('shows pictures as code that runs as it stands, from an installed package', async () => {
    for (const [name, width] of [['a.png', 30] as const, ['b.png', 300] as const])
      await sharp({ create: { width, height: 40, channels: 3, background: '#c04080' } })
        .png()
        .toFile(join(folder, name));
    writeFileSync(join(folder, 'pictures.csv'), table(['a.png', 'b.png']));
    const [example] = blocks('Pictures', 'js');
    expect(await node(example)).toMatch(/^float32 \[ 2, 3, 224, 224 \] <svg role="img" .*href="data:image\/\w+;base64,[^"]+".*<\/svg>\n$/);
  });

  it('describes models of pictures in steps, options and names that there are', async () => {
    const examples = blocks('Pictures', 'yaml');
    expect(examples).toHaveLength(2);
    const prepared = await Promise.all(
      [
        [3, 224, 224],
        [1, 64, 64],
      ].map(async (shape, i) => {
        const { modality, input } = parseModelSpec(parse(examples[i]), 'm.yaml');
        const dataset = await modalityOf(modality).open(itemsOf({ path: ['a'] }), input, placesOf(folder, ['n', ...shape]));
        const { decoder: _, ...options } = dataset.preparation;
        return options;
      }),
    );
    const section = pageText(PAGE, 'Pictures');
    const firstColumn = [...section.matchAll(/^\| `(.+?)`/gm)].map(([, name]) => name);
    const names = Object.keys(NAMED);
    for (const name of [...Object.keys(prepared[0]), ...names]) expect(firstColumn).toContain(name);
    const steps = firstColumn.filter((name) => !names.includes(name) && !(name in prepared[0]));
    expect(() => parseTransform([{ nothing: 1 }], 'm')).toThrow(`(there are: ${steps.join(', ')})`);
    for (const [name, { defaults }] of Object.entries(NAMED)) {
      const [, given] = new RegExp(`^\\| \`${name}\` +\\| (.+?) +\\|`, 'm').exec(section) ?? [];
      const told = given.split(', ').map((one) => one.replaceAll('`', '').split(' '));
      expect(
        told.map(([argument]) => argument),
        name,
      ).toEqual(Object.keys(defaults));
      for (const [argument, value] of told)
        if (value) expect(String(Object.entries(defaults).find(([key]) => key === argument)?.[1])).toBe(value);
    }
  });

  it('shows sounds as code that runs as it stands, from an installed package', async () => {
    const names = ['stereo-pcm16.flac', 'stereo-opusenc.opus'];
    for (const name of names) copyFileSync(join(ROOT, 'tests/fixtures/audio', name), join(folder, name));
    writeFileSync(join(folder, 'sounds.csv'), table(names, { start_time: ['', 0.2] }));
    const [example] = blocks('Sounds', 'js');
    expect(await node(example)).toMatch(/^float32 \[ 2, 1, 48000 \] <audio controls src="data:audio\/wav;base64,.{1000,}"><\/audio>\n$/);
  });

  it('describes models of sounds and of arrays in options that there are', async () => {
    for (const [section, shape] of [['Sounds', ['n', 64, 157]] as const, ['Tensors', ['n', 3]] as const]) {
      const [yaml] = blocks(section, 'yaml');
      const { modality, input } = parseModelSpec(parse(yaml), 'm.yaml');
      writeFileSync(join(folder, 'features.npy'), npyBytes('2, 3', new Uint8Array(24)));
      const dataset = await modalityOf(modality).open(itemsOf({ path: ['a', 'b'] }), input, placesOf(folder, shape));
      expect(dataset.size).toBe(2);
      await dataset.close?.();
    }
  });

  it('has a row for each option of sounds, with its default', async () => {
    const section = pageText(PAGE, 'Sounds');
    const rows = [...section.matchAll(/^\| (`.*?) \| (.*?) \|/gm)].flatMap(([, names, values]) => {
      const defaults = values.split(', ').map((value) => value.replaceAll('`', '').trim());
      return [...names.matchAll(/`(.+?)`/g)].map(([, name], i) => [name, defaults[i].replace('half the sample rate', '8000')]);
    });
    const places = placesOf(folder, ['n', 128, 94]);
    const dataset = await modalityOf('audio').open(itemsOf({ path: ['a'] }), { features: 'log-mel' }, places);
    await dataset.close?.();
    const { features, ...preparation } = dataset.preparation;
    expect(Object.fromEntries(rows)).toEqual({
      features: 'waveform',
      ...Object.fromEntries(Object.entries(preparation).map(([name, value]) => [name, String(value)])),
    });
    expect(features).toBe('log-mel');
  });

  it('shows a modality of anyone that runs, in less than 40 lines', async () => {
    const [example] = blocks('A modality of your own', 'js');
    expect(example.trim().split('\n').length).toBeLessThan(40);
    writeFileSync(join(folder, 'points.mjs'), example);
    const [yaml] = blocks('A modality of your own', 'yaml');
    const { modality, input } = parseModelSpec(parse(yaml), 'm.yaml');
    const clouds = ['a.xyz', 'b.xyz', 'c.xyz'];
    writeFileSync(join(folder, 'a.xyz'), '0 0 0\n1 0.5 0\n');
    writeFileSync(join(folder, 'b.xyz'), '0 0 1\n');
    writeFileSync(join(folder, 'c.xyz'), '0 0 one\n');
    writeFileSync(join(folder, 'clouds.csv'), table(clouds));
    const stdout = await node(`
      import { modalityOf, openItems } from 'rankstream';
      import './points.mjs';
      const places = ${JSON.stringify(placesOf('.', ['n', 256, 3]))};
      const dataset = await modalityOf('${modality}').open(await openItems('clouds.csv'), ${JSON.stringify(input)}, places);
      const { input } = dataset.collate([await dataset.load(0), await dataset.load(1)]);
      const failed = await dataset.load(2).catch((error) => error.name + ': ' + error.message);
      console.log(JSON.stringify([input.dims, [...input.data.slice(381, 387)], dataset.preparation, await dataset.contentHash(0), failed]));
      console.log((await dataset.visualize(0)).match(/<circle/g).length);
    `);
    const [result, dots] = stdout.trim().split('\n');
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
    const failed = 'UserError: clouds.csv, row 2: a cloud has three numbers on every line';
    expect(JSON.parse(result)).toEqual([[2, 256, 3], [0, 0, 0, 1, 0.5, 0], { points: 256 }, hash, failed]);
    expect(dots).toBe('256');
  });
});
