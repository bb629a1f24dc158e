import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runConfig } from '../../pipelines/index.js';
import { readEmbeddings } from '../../src/io/read-embeddings.js';
import { collect } from '../io/support.js';
import { rankstream } from '../support/cli.js';
import { COLOURS, writeColourModels, writePicture } from '../support/colours.js';
import { temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const names = ['b/1.png', 'a/2.PNG', 'a/1.png', 'C.png'];
const means = new Map<string, readonly number[]>();

beforeAll(async () => {
  process.env.RANKSTREAM_CACHE = at('cache');
  writeColourModels(folder);
  for (const [i, name] of names.entries()) means.set(name, await writePicture(at(`pictures/${name}`), Object.values(COLOURS)[i], i));
  writeFileSync(at('pictures/notes.txt'), 'no picture');
  const config = [
    'pipeline: predict',
    `items: ${at('pictures')}`,
    `model: { name: ${at('pictures.onnx')}, device: cpu }`,
    `out: ${at('p.json')}`,
  ];
  writeFileSync(at('predict.yaml'), config.join('\n'));
});

const predicted = (...overrides: string[]) => runConfig(at('predict.yaml'), overrides);

describe('pipeline: predict', () => {
  it('writes the vector of every picture of a folder, by its path, in order', async () => {
    const outcome = await predicted();
    expect(outcome).toMatchObject({ pipeline: 'predict', file: at('p.json'), items: 4, embedded: 4, fromCache: 0, skipped: [], dim: 3 });
    const predictions = JSON.parse(readFileSync(at('p.json'), 'utf8'));
    expect(Object.keys(predictions)).toEqual([...names].sort());
    for (const [name, mean] of means) {
      for (const [i, value] of mean.entries()) expect(predictions[name][i]).toBeCloseTo(value, 5);
    }
    const first = readFileSync(at('p.json'));
    expect(await predicted()).toMatchObject({ fromCache: 4 });
    expect(readFileSync(at('p.json')).equals(first)).toBe(true);
  });

  it('writes a table as well, of a table too', async () => {
    writeFileSync(at('some.csv'), 'path,colour\npictures/b/1.png,red\npictures/C.png,blue\n');
    await predicted(`items=${at('some.csv')}`, `out=${at('p.parquet')}`);
    const [batch] = await collect(readEmbeddings(at('p.parquet')));
    expect([...batch.columns.colour]).toEqual(['red', 'blue']);
    await predicted(`items=${at('some.csv')}`);
    expect(Object.keys(JSON.parse(readFileSync(at('p.json'), 'utf8')))).toEqual(['pictures/b/1.png', 'pictures/C.png']);
  });

  it('names all broken pictures before the first is embedded, or leaves them out', async () => {
    for (const name of ['a/broken.jpg', 'z.png']) writeFileSync(at(`pictures/${name}`), 'no picture');
    const { status, stdout, stderr } = await rankstream(['run', 'predict.yaml', 'out=broken.json', '--json'], { cwd: folder });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/pictures: 2 of 6 items cannot be read: row 3: a\/broken\.jpg: .*; row 5: z\.png: /);
    expect(readdirSync(folder)).not.toContain('broken.json');
    const left = await rankstream(['run', 'predict.yaml', 'out=left.json', 'on-error=skip'], { cwd: folder });
    expect(left.status).toBe(0);
    expect(left.stderr.match(/^rankstream: left out: \S*pictures, row \d: /gm)).toHaveLength(2);
    expect(left.stdout).toMatch(/^4 items embedded \(.*2 left out\), 3 numbers each, in left\.json\n$/);
    expect(Object.keys(JSON.parse(readFileSync(at('left.json'), 'utf8')))).toEqual([...names].sort());
  });

  it.each([
    [['items=null'], 'predict needs "items", a folder of pictures or a table, and "model"'],
    [['items=/nowhere'], '/nowhere: no such file'],
    [['k=5'], 'k=5: unknown name "k"'],
    [['out=/nowhere/p.json'], 'there is no folder /nowhere'],
    [['out=p.txt'], 'p.txt: tables are written as'],
  ])('refuses %j', async (overrides, message) => {
    await expect(predicted(...overrides)).rejects.toThrow(message);
  });
});
