import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runEvaluate } from '../../pipelines/evaluate.js';
import { rankstream } from '../support/cli.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const ROWS = 300;
/** Memory for a batch of 16 queries and a few blocks of this gallery. */
const SMALL = ['--memory', '400KB', '--batch', '16', '--k', '7', '--threads', '1'];

beforeAll(async () => {
  const { vectors, label } = clusters(ROWS, 30, 6);
  const category = label.map((l) => (l % 2 ? 'odd' : l % 4 ? null : 'even'));
  const columns = { label, category, id: label.map((_, row) => `item-${row}`), text: label.map((_, row) => `text of item ${row}`) };
  const parts = (more: (row: number) => Record<string, unknown>) =>
    [0, 90, 200].map((from, i) => {
      const rows = Array.from({ length: [90, 200, ROWS][i] - from }, (_, row) => from + row);
      const all = { ...columns, ...Object.fromEntries(Object.keys(more(0)).map((name) => [name, label.map((_, row) => more(row)[name])])) };
      return embeddingTable(
        rows.map((row) => vectors[row]),
        Object.fromEntries(Object.entries(all).map(([name, values]) => [name, rows.map((row) => values[row])])),
      );
    });
  await writeTable(at('items.arrow'), ...parts(() => ({})));
  await writeTable(
    at('split.parquet'),
    ...parts((row) => ({ is_query: row % 3 === 0, is_gallery: row % 4 !== 0, sequence: Math.floor(row / 9) })),
  );
  writeFileSync(at('config.yaml'), 'items: items.arrow\nmemory: 400KB\nbatch: 16\nk: 7\njson: true\n');
});

/** Runs in the folder; gives stderr, and the outputs' bytes. */
async function run(...args: string[]) {
  const { status, stdout, stderr } = await rankstream(args, { cwd: folder });
  expect(status, stderr).toBe(0);
  return { stdout, stderr };
}
const digest = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
const bytes = (name: string) => digest(readFileSync(at(name)));

describe('--memory', () => {
  it.each([
    ['one table', ['items.arrow', '--with', 'adaptive-threshold:1.5']],
    ['a table that is split', ['split.parquet', '--save-relevance']],
    ['two files with the same ids', ['--queries', 'split.parquet', '--gallery', 'items.arrow', '--same-id', '--distance', 'cosine']],
  ])('changes no byte of what evaluate gives: %s', async (_, args) => {
    const files = (prefix: string) => ['--results', `${prefix}-rr.arrow`, '--per-query', `${prefix}-pq.arrow`, '--out', `${prefix}-m.json`];
    const common = ['evaluate', ...args, '--by', 'category', '--k', '7', '--batch', '16'];
    expect((await run(...common, ...files('whole'), '--verbose')).stderr).toMatch(
      /^plan: gallery [\d,]+ x 6 resident; about [\d.]+ (KB|MB)\nsearch: exact on cpu, (int8|float32) pass, \d+ threads\n$/,
    );
    const { stderr } = await run(...common, ...files('blocks'), ...SMALL, '--verbose');
    const [, blocks, queries] = /streamed in (\d+) blocks of \d+ rows against (\d+) resident queries; about [\d.]+ KB\n/.exec(stderr) ?? [];
    expect(Number(blocks)).toBeGreaterThan(1);
    expect(Number(queries)).toBeGreaterThanOrEqual(16);
    for (const name of ['rr.arrow', 'pq.arrow', 'm.json']) expect(bytes(`blocks-${name}`), name).toBe(bytes(`whole-${name}`));
  });

  it('changes no byte of what search writes to a pipe', async () => {
    const whole = await rankstream(['search', 'split.parquet', '--k', '7', '--batch', '16', '--out', '-'], { cwd: folder });
    const blocks = await rankstream(['search', 'split.parquet', '--out', '-', ...SMALL], { cwd: folder });
    expect(blocks.stderr).toBe('');
    expect(digest(blocks.bytes)).toBe(digest(whole.bytes));
  });

  it('keeps for the report what it shows', async () => {
    await run('evaluate', 'items.arrow', '--k', '7', '--report', 'whole.html', '--queries-to-show', '0,299');
    await run('evaluate', 'items.arrow', '--report', 'blocks.html', '--queries-to-show', '0,299', ...SMALL, '--memory', '600KB');
    expect(readFileSync(at('blocks.html'), 'utf8')).toBe(readFileSync(at('whole.html'), 'utf8'));
    expect(readFileSync(at('blocks.html'), 'utf8')).toContain('text of item');
  });

  it('stands in a config file, and gives the same with every memory', async () => {
    const { stdout, stderr } = await run('evaluate', '--config', 'config.yaml', '--verbose');
    expect(stderr).toContain('streamed in');
    const { metrics } = JSON.parse(stdout);
    for (const memory of [500_000, 1e9]) expect((await runEvaluate({ items: at('items.arrow'), memory, k: 7 })).metrics).toEqual(metrics);
  });
});
