import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readEmbeddings } from '../../src/io/read-embeddings.js';
import { collect } from '../io/support.js';
import { writeColourModels, writeColourPictures } from '../support/colours.js';
import { installIn } from '../support/installed.js';
import { readmeBlocks } from '../support/readme.js';
import { temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const { bash, node } = installIn(folder);

const blocks = (title: string, language: string) => readmeBlocks(language, 'docs/items.md', title);

let paths: string[];

beforeAll(async () => {
  process.env.RANKSTREAM_CACHE = at('cache');
  writeColourModels(folder);
  const pictures = await writeColourPictures(folder, (name, n) => `pictures/${name}/${n}.png`);
  paths = pictures.map(({ path }) => path);
  const lines = pictures.map(({ label, path }) => `${label},validation,1,1,${path}`);
  const head = 'label,split,is_query,is_gallery,path';
  writeFileSync(at('items.csv'), [head, ...lines, ''].join('\n'));
  writeFileSync(at('round.csv'), [head, ...lines.slice(0, 8), ''].join('\n'));
  writeFileSync(at('captions.csv'), `label,text\n${['red', 'green', 'blue'].map((name) => `${name},${name}\n`).join('')}`);
  for (const block of [...blocks('One command', 'yaml'), ...blocks('One command', 'js')]) {
    writeFileSync(at(/^(?:#|\/\/) (\S+)/.exec(block)?.[1] as string), block);
  }
});

describe('docs/items.md, One command', () => {
  it('shows commands that run as they stand, one after the other', async () => {
    const commands = blocks('One command', 'bash');
    expect(commands).toHaveLength(4);
    const { status, stdout, stderr } = await bash(commands.join(''));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('model icon-embedder');
    expect(stdout).toMatch(/all {2,}\S+ +\S+ +-\n *round {2,}\S+ +- +\S+\n/);
    expect(stdout).toContain('k: 10\n');
    expect(stdout).toMatch(/^ {2}icon-embedder +small CNN/m);
    expect(stdout).toMatch(/RR -> top\(count=3\) -> RR_upd|first@5/);
    expect(stdout).toContain('16 items embedded');
    const predictions = JSON.parse(readFileSync(at('predictions.json'), 'utf8'));
    const inFolder = paths.map((path) => path.replace('pictures/', '')).sort();
    expect(Object.keys(predictions)).toEqual(inFolder);
    const [batch] = await collect(readEmbeddings(at('predictions.parquet')));
    expect(Array.from(batch.columns.path)).toEqual(inFolder);
    expect(predictions[inFolder[3]]).toEqual([...batch.data.subarray(3 * batch.dim, 4 * batch.dim)]);
  });
});

describe('docs/items.md, Several models', () => {
  const title = 'Several models, and queries from a stream';

  it('shows a command that runs', async () => {
    const { status, stdout, stderr } = await bash(blocks(title, 'bash').join(''));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^queries 3, gallery 16, .* model texts.onnx, pictures.onnx\n/);
    expect(stdout).toMatch(/OVERALL +1\.0000 +1\.0000/);
  });

  it('shows code that runs', async () => {
    const [block] = blocks(title, 'ts');
    const { status, stdout, stderr } = await node(block);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^red \[\s*'pictures\/red\/\d.png',\s*'pictures\/red\/\d.png',\s*'pictures\/red\/\d.png'\s*\]\nblue \[\s*'pictures\/blue/,
    );
    expect(stdout).toContain('\nlight green [');
  });
});
