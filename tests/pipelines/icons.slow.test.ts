import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../pipelines/icons/places.js';
import type { Results } from '../../src/report/results.js';

// What `npm start` does, without the installation: the built program, twice.

const FILES = ['embeddings.parquet', 'metrics.json', 'report.html', 'results.arrow'];
/** Rasterising may differ in a pixel between versions of librsvg: one query more or less among 3,024, and the third decimal's rounding. */
const TOLERANCE = 6e-4;

type Reference = Pick<Results, 'metrics' | 'queries' | 'gallery' | 'k'> & { by: Record<string, Results['metrics']> };

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

test('ends well, prints the table and writes four files', async () => {
  const [{ out, status, stdout, stderr }] = runs;
  expect(stderr).not.toContain('Error');
  expect(status).toBe(0);
  expect(stdout).toMatch(/cmc@1\b.*OVERALL\s+0\.91/s);
  for (const file of FILES) expect(stdout).toContain(join(out, file));
  expect((await readdir(out)).sort()).toEqual(FILES);
});

const shared = join(PACKAGE_ROOT, '..', 'shared', 'models', 'icons-reference.json');
const own = join(PACKAGE_ROOT, 'tests', 'fixtures', 'icons-reference.json');

test.each([own, shared].filter(existsSync))('reaches the numbers of %s, overall and by every category', async (file) => {
  const reference: Reference = JSON.parse(await readFile(file, 'utf8'))['cross-style'];
  const results: Results = JSON.parse(await readFile(join(runs[0].out, 'metrics.json'), 'utf8'));
  expect(results).toMatchObject({ queries: reference.queries, gallery: reference.gallery, k: reference.k, distance: 'l2', warnings: [] });
  expect(Object.keys(results.by.category).sort()).toEqual(Object.keys(reference.by).sort());
  const groups = [
    [results.metrics, reference.metrics],
    ...Object.entries(reference.by).map(([name, by]) => [results.by.category[name], by]),
  ];
  for (const [ours, theirs] of groups) {
    expect(Object.keys(ours)).toEqual(Object.keys(theirs));
    for (const name of Object.keys(theirs)) expect(Math.abs(ours[name]! - theirs[name]!)).toBeLessThanOrEqual(TOLERANCE);
  }
});

test('a second run takes the pictures from the cache and writes the same bytes', async () => {
  expect(runs.map(({ stderr }) => stderr.includes('in an earlier run'))).toEqual([false, true]);
  for (const file of FILES) {
    const [first, second] = await Promise.all(runs.map(({ out }) => readFile(join(out, file))));
    expect(first.equals(second), file).toBe(true);
  }
});

test('the report shows pictures', async () => {
  const report = await readFile(join(runs[0].out, 'report.html'), 'utf8');
  expect(report.match(/<symbol /g)?.length).toBeGreaterThan(10);
});

test('a folder that cannot be made is the user’s mistake', () => {
  const args = ['dist/pipelines/icons/main.js', '--out', join(PACKAGE_ROOT, 'package.json', 'x')];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: PACKAGE_ROOT, encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^\S+package\.json\/x: cannot make this folder \(ENOTDIR\); give another with --out\n$/);
});
