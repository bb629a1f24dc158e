import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeColourModels, writeColourPictures } from '../support/colours.js';
import { installIn } from '../support/installed.js';
import { pageText, readmeBlocks } from '../support/readme.js';
import { temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const { bash, node } = installIn(folder);
const PAGE = 'docs/from-oml.md';

const blocks = (title: string, language: string) => readmeBlocks(language, PAGE, title);

async function printed(run: Promise<{ status: number | null; stdout: string; stderr: string }>): Promise<string> {
  const { status, stdout, stderr } = await run;
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

beforeAll(async () => {
  process.env.RANKSTREAM_CACHE = at('cache');
  writeColourModels(folder);
  const pictures = await writeColourPictures(folder, (name, n) => `pictures/${name}/${n}.png`);
  const rows = pictures.map(({ label, path }) => `${label},validation,1,1,${path},${label.length > 4 ? 'long' : 'short'}\n`);
  writeFileSync(at('items.csv'), `label,split,is_query,is_gallery,path,category\nred,train,,,pictures/red/0.png,short\n${rows.join('')}`);
  writeFileSync(at('unlabelled.csv'), `path\n${pictures.map(({ path }) => `${path}\n`).join('')}`);
  writeFileSync(at('captions.csv'), 'label,text\nred,red\ngreen,green\nblue,blue\n');
});

describe('docs/from-oml.md', () => {
  it('runs every example', () => {
    const [page, examples] = [pageText(PAGE), pageText(PAGE, 'The same in both')];
    const count = (of: string, language: string) => of.match(new RegExp(`^\`\`\`${language}$`, 'gm'))?.length;
    expect([count(page, 'bash'), count(page, 'ts')]).toEqual([4, 4]);
    expect([count(examples, 'bash'), count(examples, 'ts'), count(examples, 'python')]).toEqual([4, 4, 6]);
  });

  it('validates, by a command and in code', async () => {
    const table = await printed(bash(blocks('Validation', 'bash')[0]));
    expect(table).toContain('adaptive-threshold');
    expect(readFileSync(at('report.html'), 'utf8')).toContain('Chosen queries');
    const values = await printed(node(blocks('Validation', 'ts')[0]));
    expect(values).toMatch(/^\{ 'map@3': [\d.]+, 'cmc@1': [\d.]+, 'precision@5': [\d.]+ \} \{ 'map@3'/);
  });

  it('re-ranks', async () => {
    expect(await printed(bash(blocks('Re-ranking', 'bash')[0]))).toContain('rerank(model=icon-siamese.onnx, topN=3)');
  });

  it('retrieves without labels', async () => {
    await printed(bash(blocks('Retrieval without labels', 'bash')[0]));
    const [first] = (await printed(node(blocks('Retrieval without labels', 'ts')[0]))).split('\n');
    expect(first).toBe('RetrievalResults: 16 queries, up to 5 of 16 gallery items each, distance l2');
  });

  it('finds pictures by texts', async () => {
    expect(await printed(bash(blocks('Texts that look for pictures', 'bash')[0]))).toMatch(/OVERALL +1\.0000 +1\.0000/);
  });

  it('answers queries that come in a stream', async () => {
    const results = await printed(node(blocks('Queries in a stream', 'ts')[0]));
    expect(results.match(/^RetrievalResults: (\d) queries/gm)).toEqual(['RetrievalResults: 2 queries', 'RetrievalResults: 1 queries']);
  });

  it('measures in a loop of one own', async () => {
    const values = await printed(node(blocks('Your own loop', 'ts')[0]));
    expect(values).toMatch(/^\{\s*'cmc@1': 1,\s*'precision@5': [\d.]+,\s*'map@5': [\d.]+,\s*'pcf@0.5': [\d.]+\s*\}/);
    expect(values).toMatch(/category: \{\s*long: \{[^}]+\},\s*short: \{/);
    expect(readFileSync(at('worst.html'), 'utf8')).toContain('Worst queries by cmc@1');
  });
});
