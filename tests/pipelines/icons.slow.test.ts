import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../pipelines/icons/places.js';
import type { Results } from '../../src/report/results.js';

// What `npm start` does, without the installation: the built program, twice.

const FILES = ['embeddings.parquet', 'items.csv', 'metrics.json', 'report.html', 'results.arrow'];
/** Rasterising may differ in a pixel between versions of librsvg: one query more or less among 3,024, and the third decimal's rounding. */
const TOLERANCE = 6e-4;

type Reference = Pick<Results, 'metrics' | 'queries' | 'k'> & { by: Record<string, Results['metrics']> };

let folder: string;
const runs: { out: string; status: number | null; stdout: string; stderr: string }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rankstream-start-'));
  for (const name of ['first', 'second']) {
    const out = join(folder, name);
    const args = ['dist/pipelines/icons/main.js', '--out', out, '--cache', join(folder, 'cache')];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: PACKAGE_ROOT, encoding: 'utf8' });
    runs.push({ out, status, stdout, stderr });
  }
});
afterAll(() => rm(folder, { recursive: true }));

test('ends well, prints the table and writes five files', async () => {
  const [{ out, status, stdout, stderr }] = runs;
  expect(stderr).not.toContain('Error');
  expect(status).toBe(0);
  expect(stdout).toContain('RR -> rerank(model=icon-siamese.onnx, topN=10) -> RR_upd');
  expect(stdout).toMatch(/ {2}rerank: keeps all 302,400 results, [\d.]+ s\n/);
  expect(stdout).toMatch(/cmc@1\b.*OVERALL\s+RR\s+0\.91.*RR_upd\s+0\.93.*difference\s+\+0\.02/s);
  for (const file of FILES) expect(stdout).toContain(join(out, file));
  expect((await readdir(out)).sort()).toEqual(FILES);
});

const shared = join(PACKAGE_ROOT, '..', 'shared', 'models', 'icons-reference.json');
const own = join(PACKAGE_ROOT, 'tests', 'fixtures', 'icons-reference.json');

describe.each([own, shared].filter(existsSync))('%s', (file) => {
  test.each([
    ['before re-ranking', 'cross-style', (results: Results) => results.baseline],
    ['after it', 'cross-style, reranked top 10', (results: Results) => results],
  ] as const)('%s the numbers are reached, overall and by every category', async (_, task, at) => {
    const reference: Reference = JSON.parse(await readFile(file, 'utf8'))[task];
    const results: Results = JSON.parse(await readFile(join(runs[0].out, 'metrics.json'), 'utf8'));
    expect(results).toMatchObject({ queries: reference.queries, gallery: 756, k: reference.k, distance: 'l2', warnings: [] });
    expect(results.model).toEqual({ name: 'icon-embedder', device: 'cpu', dim: 128, items: 3780, skipped: 0 });
    const { metrics, by } = at(results) as Pick<Results, 'metrics' | 'by'>;
    expect(Object.keys(by.category).sort()).toEqual(Object.keys(reference.by).sort());
    const groups = [[metrics, reference.metrics], ...Object.entries(reference.by).map(([name, values]) => [by.category[name], values])];
    for (const [ours, theirs] of groups) {
      expect(Object.keys(ours)).toEqual(Object.keys(theirs));
      for (const name of Object.keys(theirs)) expect(Math.abs(ours[name]! - theirs[name]!), name).toBeLessThanOrEqual(TOLERANCE);
    }
  });
});

test('the results tell what re-ranking did, and no seconds', async () => {
  const { postprocess, metrics, baseline }: Results = JSON.parse(await readFile(join(runs[0].out, 'metrics.json'), 'utf8'));
  const [step, ...others] = postprocess;
  expect(others).toEqual([]);
  expect(step).toMatchObject({
    name: 'rerank',
    params: { model: 'icon-siamese.onnx', topN: 10 },
    results: { before: 302400, after: 302400 },
  });
  expect(step.change?.['map@100']).toBe(metrics['map@100']! - baseline!.metrics['map@100']!);
  expect(step).not.toHaveProperty('seconds');
});

test('a second run takes the embeddings from the cache and writes the same bytes', async () => {
  expect(runs.map(({ stderr }) => stderr.includes('(3,780 of 3,780 in an earlier run)'))).toEqual([false, true]);
  for (const file of FILES) {
    const [first, second] = await Promise.all(runs.map(({ out }) => readFile(join(out, file))));
    expect(first.equals(second), file).toBe(true);
  }
});

test('the report shows pictures, both lists, and what the step did', async () => {
  const report = await readFile(join(runs[0].out, 'report.html'), 'utf8');
  expect(report.match(/<symbol /g)?.length).toBeGreaterThan(10);
  for (const title of ['RR', 'RR_upd']) expect(report).toContain(`>${title}<`);
  expect(report).toMatch(/keeps all 302,400 results, cmc@1 \+0\.02\d\d/);
});

test('a folder that cannot be made is the user’s mistake', () => {
  const args = ['dist/pipelines/icons/main.js', '--out', join(PACKAGE_ROOT, 'package.json', 'x')];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: PACKAGE_ROOT, encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^\S+package\.json\/x: cannot make this folder \(ENOTDIR\); give another with --out\n$/);
});
