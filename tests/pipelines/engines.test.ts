import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runEvaluate } from '../../pipelines/evaluate.js';
import type { Options } from '../../pipelines/options.js';
import type { Progress } from '../../pipelines/progress.js';
import { rankstream } from '../support/cli.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const { vectors, label } = clusters(1200, 30, 6);

beforeAll(async () => {
  const table = embeddingTable(vectors, { label, sequence: label.map((_, row) => row % 400) });
  await writeTable(at('items.parquet'), table);
});

const evaluate = (options: Options, progress?: Progress) =>
  runEvaluate({ items: at('items.parquet'), k: 10, metrics: 'cmc@1,map@10', ...options }, { progress });

describe('engine', () => {
  it('hnsw: measures its recall on 1,000 queries, keeps its index, and gives the same metrics with it', async () => {
    const exact = await evaluate({});
    expect(exact.approximate).toBeUndefined();
    const index = at('items.hnsw');
    const tasks: string[] = [];
    const progress = { start: (task: string) => tasks.push(task), advance: () => {}, stop: () => {} };
    const few = await evaluate({ engine: 'hnsw', ef: 1, index, out: at('few.json') }, progress);
    expect(tasks).toEqual(['gallery', 'index', 'queries', 'recall']);
    expect(few.approximate).toMatchObject({ engine: 'hnsw', queries: 1000 });
    expect(few.approximate?.recall).toBeGreaterThan(0.5);
    expect(few.approximate?.recall).toBeLessThan(1);
    expect(few.seconds.recall).toBeGreaterThan(0);
    expect(JSON.parse(readFileSync(at('few.json'), 'utf8')).approximate).toEqual(few.approximate);

    const saved = readFileSync(index);
    const again = await evaluate({ engine: 'hnsw', ef: 1, index, batch: 7 });
    expect(readFileSync(index).equals(saved)).toBe(true);
    expect({ ...again, seconds: 0 }).toEqual({ ...few, seconds: 0 });

    const all = await evaluate({ engine: 'hnsw', ef: 1200, index });
    expect(all.approximate?.recall).toBe(1);
    expect(all.metrics).toEqual(exact.metrics);
    const tensorflow = await evaluate({ engine: 'tfjs' });
    expect(tensorflow.device).toBe('tfjs-cpu');
    expect(tensorflow.approximate).toEqual({ engine: 'tfjs', recall: 1, queries: 1000 });
    expect(tensorflow.metrics).toEqual(exact.metrics);
  });

  it('is refused with options that it does not have, before anything is read', async () => {
    const refused = (options: Options) => expect(evaluate({ items: 'nothing.parquet', ...options })).rejects;
    await refused({ ef: 10 }).toThrow('--ef goes with --engine hnsw, not with exact');
    await refused({ engine: 'tfjs', index: 'x' }).toThrow('--index goes with --engine hnsw, not with tfjs');
    await refused({ engine: 'hnsw', index: at('no/x') }).toThrow('no/x: cannot be written, because there is no folder');
    const index = at('items.parquet');
    await expect(evaluate({ engine: 'hnsw', index })).rejects.toThrow('items.parquet: no index that rankstream saved');
    const { stderr, status } = await rankstream(['evaluate', 'items.parquet', '--engine', 'faiss'], { cwd: folder });
    expect(stderr).toBe('rankstream: --engine: must be one of exact, hnsw, tfjs, not "faiss"\n');
    expect(status).toBe(2);
    expect(existsSync(at('x'))).toBe(false);
  });
});

describe('rankstream search', () => {
  it('tells the recall, on stderr where stdout has the results', async () => {
    const args = ['search', 'items.parquet', '--engine', 'hnsw', '--k', '5', '--out'];
    const said = /^1200 queries searched by hnsw \(recall [01]\.\d{4} on 1,000 queries\)/;
    const { stdout } = await rankstream([...args, 'rr.arrow'], { cwd: folder });
    expect(stdout).toMatch(said);
    expect(stdout).toContain(', results in rr.arrow\n');
    const piped = await rankstream([...args, '-'], { cwd: folder });
    expect(piped.stderr).toMatch(said);
    expect(piped.bytes.length).toBeGreaterThan(1000);
  });
});
