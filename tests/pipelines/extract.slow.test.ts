import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { validationIcons } from '../../pipelines/icons/dataset.js';
import { iconTable } from '../../pipelines/icons/prepare.js';
import { CLI } from '../support/cli.js';
import { random, temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const ITEMS = 2000;
/** Parts of 256 rows, the last one shorter. */
const PARTS = 8;
/** Bytes of an item in a part that is kept, behind a checksum and two numbers: its row, and 128 numbers. */
const [PER_ITEM, BEFORE] = [4 * 129, 32 + 8];
const { icons, picturesRoot } = validationIcons();

/** Bytes of a run that nothing interrupts, its seconds, and those of one that computes nothing. */
let expected: Buffer;
let whole: number;
let cached: number;

interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the extraction as a process. */
function start(out: string, cache: string) {
  const args = ['extract', 'items.csv', '--root', picturesRoot, '--model', 'icon-embedder', '--device', 'cpu', '--json'];
  const child = spawn(process.execPath, [CLI, ...args, '--out', out, '--cache-folder', cache], { cwd: folder, stdio: 'pipe' });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (chunk) => (text[name] += chunk));
  const ended = new Promise<Ended>((resolve) => child.on('close', (status, signal) => resolve({ status, signal, ...text })));
  return { kill: (signal: NodeJS.Signals) => child.kill(signal), ended };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

async function run(out: string, cache: string): Promise<{ fromCache: number; embedded: number; bytes: Buffer }> {
  const { status, stderr, stdout } = await start(out, cache).ended;
  expect([status, stderr]).toEqual([0, '']);
  return { ...JSON.parse(stdout), bytes: readFileSync(at(out)) };
}

/** Finished files of a cache, each with what changes when it is written again, and its rows. */
function finished(cache: string): Map<string, { mark: string; rows: number }> {
  if (!existsSync(at(cache))) return new Map();
  const files = readdirSync(at(cache), { recursive: true, withFileTypes: true }).filter(({ name }) => /^[0-9a-f]{64}$/.test(name));
  return new Map(
    files.map(({ parentPath, name }) => {
      const { ino, mtimeMs, size } = statSync(join(parentPath, name));
      // A byte is the answer of the probe.
      return [name, { mark: `${ino} ${mtimeMs}`, rows: size < BEFORE ? 0 : (size - BEFORE) / PER_ITEM }];
    }),
  );
}

const partsIn = (cache: string) => [...finished(cache).values()].filter(({ rows }) => rows > 0).length;
const rowsIn = (cache: string) => [...finished(cache).values()].reduce((sum, { rows }) => sum + rows, 0);

/** Waits for so many parts, or for the end. */
async function untilParts(cache: string, count: number, ended: Promise<unknown>): Promise<void> {
  let over = false;
  ended.then(() => {
    over = true;
  });
  while (!over && partsIn(cache) < count) await setTimeout(5);
}

beforeAll(async () => {
  writeFileSync(at('items.csv'), iconTable(icons.slice(0, ITEMS)));
  whole = await seconds(() => run('expected.parquet', 'other-cache'));
  cached = await seconds(() => run('again.parquet', 'other-cache'));
  expected = readFileSync(at('expected.parquet'));
  expect(readFileSync(at('again.parquet')).equals(expected)).toBe(true);
  expect(partsIn('other-cache')).toBe(PARTS);
});

describe('an extraction that is killed', () => {
  it('goes on where it was, to the bytes of one that is not: 20 times, at any moment', async () => {
    const next = random(20);
    const [out, cache] = ['killed.parquet', 'killed-cache'];
    const aPart = (whole - cached) / PARTS;
    let [kills, midway] = [0, 0];
    /** Whatever became of the run, what was finished stays, and is not written again. */
    const finishedAfter = (before: ReturnType<typeof finished>) => {
      const after = finished(cache);
      for (const [name, file] of before) expect(after.get(name)).toEqual(file);
      return after.size;
    };
    const checkEnd = ({ status, stderr, stdout }: Ended, fromCache: number) => {
      expect([status, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout)).toMatchObject({ embedded: ITEMS, fromCache });
      expect(readFileSync(at(out)).equals(expected)).toBe(true);
    };
    while (kills < 20) {
      const [before, kept] = [finished(cache), rowsIn(cache)];
      const { kill, ended } = start(out, cache);
      // One while it starts, or just works; the next when it has finished a part, and is at another.
      if (kills % 2 === 1) await untilParts(cache, partsIn(cache) + 1, ended);
      await Promise.race([ended, setTimeout(1000 * next() * (kills % 2 === 1 ? aPart : cached))]);
      kill('SIGKILL');
      const end = await ended;
      const grown = finishedAfter(before) > before.size;
      if (end.signal === 'SIGKILL') {
        kills++;
        if (grown) midway++;
        // The signal may have come between the last byte and the end.
        if (existsSync(at(out))) expect(readFileSync(at(out)).equals(expected)).toBe(true);
        continue;
      }
      // It was done before the signal came: from the beginning.
      checkEnd(end, kept);
      rmSync(at(out));
      rmSync(at(cache), { recursive: true });
    }
    expect(midway).toBeGreaterThanOrEqual(5);
    const [before, kept] = [finished(cache), rowsIn(cache)];
    checkEnd(await start(out, cache).ended, kept);
    finishedAfter(before);
    expect(partsIn(cache)).toBe(PARTS);
  });

  it('is not disturbed by another one at the same cache', async () => {
    const runs = await Promise.all([run('one.parquet', 'shared-cache'), run('two.parquet', 'shared-cache')]);
    for (const { bytes } of runs) expect(bytes.equals(expected)).toBe(true);
    expect(partsIn('shared-cache')).toBe(PARTS);
    expect(readdirSync(at('shared-cache'), { recursive: true }).filter((name) => String(name).endsWith('.tmp'))).toEqual([]);
    expect((await run('three.parquet', 'shared-cache')).fromCache).toBe(ITEMS);
  });
});

describe('an extraction that is interrupted', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('by %s ends at once, leaves no file, and goes on with the next run', async (name) => {
    const [out, cache] = [`${name}.parquet`, `${name}-cache`];
    const { kill, ended } = start(out, cache);
    await untilParts(cache, 2, ended);
    kill(name);
    let end: Ended | undefined;
    const ending = await seconds(async () => {
      end = await ended;
    });
    expect(end).toEqual({ status: 130, signal: null, stdout: '', stderr: 'rankstream: stopped\n' });
    expect(ending).toBeLessThan(5);
    expect(readdirSync(folder).filter((file) => file.includes(basename(out)))).toEqual([]);
    const kept = rowsIn(cache);
    const { fromCache, bytes } = await run(out, cache);
    expect(fromCache).toBe(kept);
    expect(kept).toBeGreaterThan(0);
    expect(bytes.equals(expected)).toBe(true);
  });
});
