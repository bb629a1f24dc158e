import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { rankstream } from '../support/cli.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const { vectors, label } = clusters(1200, 30, 6);

beforeAll(async () => {
  const table = embeddingTable(vectors, { label, sequence: label.map((_, row) => row % 400) });
  await writeTable(at('items.parquet'), table);
});

async function results(...args: string[]) {
  const { status, stdout, stderr } = await rankstream(
    ['evaluate', 'items.parquet', '--k', '10', '--metrics', 'cmc@1,map@10', '--json', ...args],
    { cwd: folder },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

describe('--engine', () => {
  it('hnsw: measures its recall on 1,000 queries, keeps its index, and gives the same metrics with it', async () => {
    const exact = await results();
    expect(exact.approximate).toBeUndefined();
    const few = await results('--engine', 'hnsw', '--ef', '1', '--index', 'items.hnsw');
    expect(few.approximate).toMatchObject({ engine: 'hnsw', queries: 1000 });
    expect(few.approximate.recall).toBeGreaterThan(0.5);
    expect(few.approximate.recall).toBeLessThan(1);
    expect(few.seconds.recall).toBeGreaterThan(0);

    const saved = readFileSync(at('items.hnsw'));
    const again = await results('--engine', 'hnsw', '--ef', '1', '--index', 'items.hnsw', '--batch', '7');
    expect(readFileSync(at('items.hnsw')).equals(saved)).toBe(true);
    expect({ ...again, seconds: 0 }).toEqual({ ...few, seconds: 0 });

    const all = await results('--engine', 'hnsw', '--ef', '1200', '--index', 'items.hnsw');
    expect(all.approximate.recall).toBe(1);
    expect(all.metrics).toEqual(exact.metrics);
  });

  it('tfjs: says which backend ran', async () => {
    const { device, approximate, metrics } = await results('--engine', 'tfjs');
    expect(device).toBe('tfjs-cpu');
    expect(approximate).toEqual({ engine: 'tfjs', recall: 1, queries: 1000 });
    expect(metrics).toEqual((await results()).metrics);
  });

  it('search: tells the recall, on stderr where stdout has the results', async () => {
    const args = ['search', 'items.parquet', '--engine', 'hnsw', '--k', '5', '--out'];
    const { stdout } = await rankstream([...args, 'rr.arrow'], { cwd: folder });
    expect(stdout).toMatch(/^1200 queries searched by hnsw \(recall [01]\.\d{4} on 1,000 queries\), results in rr\.arrow\n$/);
    const piped = await rankstream([...args, '-'], { cwd: folder });
    expect(piped.stderr).toMatch(/^1200 queries searched by hnsw \(recall [01]\.\d{4} on 1,000 queries\)\n$/);
    expect(piped.bytes.length).toBeGreaterThan(1000);
  });

  it('is refused with options that it does not have, before anything is read', async () => {
    for (const [args, message] of [
      [['--engine', 'faiss'], '--engine: must be one of exact, hnsw, tfjs, not "faiss"'],
      [['--ef', '10'], '--ef goes with --engine hnsw, not with exact'],
      [['--engine', 'tfjs', '--index', 'x'], '--index goes with --engine hnsw, not with tfjs'],
      [['--engine', 'hnsw', '--index', 'no/x'], 'no/x: cannot be written, because there is no folder no'],
      [['--engine', 'hnsw', '--index', 'items.parquet'], 'items.parquet: no index that rankstream saved'],
    ] as const) {
      const { status, stderr } = await rankstream(['evaluate', 'items.parquet', ...args], { cwd: folder });
      expect(stderr).toContain(`rankstream: ${message}`);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(status).toBe(2);
    }
    expect(existsSync(at('x'))).toBe(false);
  });
});
