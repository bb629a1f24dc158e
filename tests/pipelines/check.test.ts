import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeCsv, writePictures } from '../datasets/items-support.js';
import { rankstream } from '../support/cli.js';
import { temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const row = { label: '1', split: 'validation', is_query: '1', is_gallery: '1', path: 'a.png', x_1: '', x_2: '', y_1: '', y_2: '' };
const here = (...args: string[]) => rankstream(args, { cwd: folder });

beforeAll(async () => {
  mkdirSync(at('pictures'));
  await writePictures(at('pictures'));
  writeCsv(at('good.csv'), [row, { ...row, x_1: '1', x_2: '5', y_1: '0', y_2: '4' }]);
  writeCsv(at('bad.csv'), [
    row,
    { ...row, x_1: '1', x_2: '50', y_1: '0', y_2: '4' },
    ...Array.from({ length: 23 }, () => ({ ...row, path: '../a.png' })),
  ]);
});

describe('rankstream check', () => {
  it('says that every rule is kept, and ends with 0', async () => {
    const { status, stdout, stderr } = await here('check', 'good.csv', '--root', 'pictures');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(
      'good.csv: items 2, train 0, validation 2, queries 2, gallery 2, labels 1, files 1, boxes 1\n\nevery rule is kept\n',
    );
  });

  it('prints the first violations of each rule, and ends with 2', async () => {
    const { status, stdout, stderr } = await here('check', 'bad.csv', '--root', 'pictures');
    expect({ status, stderr }).toEqual({ status: 2, stderr: 'rankstream: bad.csv: 24 violations\n' });
    expect(stdout).toContain(
      'boxes lie inside their pictures (boxes-inside): 1\n  bad.csv, row 1, column "x_2": 50 lies outside of the picture, which is 20 x 10\n',
    );
    expect(stdout).toContain(
      'paths stay inside the root folder (paths-inside): 23\n  bad.csv, row 2, column "path": "../a.png" lies outside',
    );
    expect(stdout.match(/"\.\.\/a\.png" lies outside/g)).toHaveLength(20);
    expect(stdout).toContain('\n  ... and 3 more (--json has all)\n');
  });

  it('has all of them as JSON', async () => {
    const { status, stdout } = await here('check', 'bad.csv', '--root', 'pictures', '--json');
    expect(status).toBe(2);
    const { source, counts, violations, warnings, found } = JSON.parse(stdout);
    expect({ source, warnings, found }).toEqual({ source: 'bad.csv', warnings: [], found: { 'paths-inside': 23, 'boxes-inside': 1 } });
    expect(counts).toMatchObject({ items: 25, files: 2, boxes: 1 });
    expect(violations.map(({ rule, row }: { rule: string; row: number }) => [rule, row])).toEqual([
      ...Array.from({ length: 23 }, (_, i) => ['paths-inside', i + 2]),
      ['boxes-inside', 1],
    ]);
  });

  it('refuses what is no table, as every command does', async () => {
    for (const [args, message] of [
      [['check'], 'rankstream: give the table of items to check\n'],
      [['check', 'nothere.csv'], 'rankstream: nothere.csv: no such file\n'],
    ] as const) {
      expect(await here(...args)).toMatchObject({ status: 2, stdout: '', stderr: message });
    }
  });
});

describe('rankstream convert', () => {
  it('leaves boxes out by --no-bboxes, or by a config file', async () => {
    for (const [name, lines] of [
      ['images.txt', '1 a.png\n2 b.jpg\n'],
      ['image_class_labels.txt', '1 1\n2 200\n'],
      ['bounding_boxes.txt', '1 1 2 3 4\n2 5 4 3 2\n'],
    ])
      writeFileSync(at(name), lines);
    mkdirSync(at('images'));
    await writePictures(at('images'));
    writeFileSync(at('plain.yaml'), 'bboxes: false\nout: config.csv\n');
    const header = (file: string) => readFileSync(at(file), 'utf8').split('\n')[0];
    expect(await here('convert', 'cub', '.', '-o', 'boxes.csv')).toMatchObject({
      status: 0,
      stdout: '2 items of 2 labels in boxes.csv (train: 1, validation: 1)\n',
      stderr: '',
    });
    expect(header('boxes.csv')).toBe('label,path,split,is_query,is_gallery,x_1,x_2,y_1,y_2');
    expect((await here('check', 'boxes.csv')).status).toBe(0);
    expect((await here('convert', 'cub', '.', '-o', 'plain.csv', '--no-bboxes')).status).toBe(0);
    expect((await here('convert', 'cub', '.', '--config', 'plain.yaml')).status).toBe(0);
    for (const file of ['plain.csv', 'config.csv']) expect(header(file)).toBe('label,path,split,is_query,is_gallery');
  });
});
