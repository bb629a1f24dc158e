import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Options, runMetrics, runPostprocess, runSearch, runTune } from '../../pipelines/index.js';
import { UserError } from '../../src/data/errors.js';
import { pairGraph, writeModel } from '../models/graphs.js';
import { rankstream } from '../support/cli.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const QUERIES = 60;
const base = { items: at('rr.arrow'), metric: 'precision@5' };
const sources = { queries: at('items.parquet'), gallery: at('items.parquet') };

beforeAll(async () => {
  const { vectors, label } = clusters(QUERIES, 4, 5, 3, 1.1);
  await writeTable(at('items.parquet'), embeddingTable(vectors, { label }));
  await writeTable(at('unlabelled.parquet'), embeddingTable(vectors));
  await runSearch({ items: at('items.parquet'), k: 20, batch: 7, out: at('rr.arrow') });
  await runSearch({ queries: at('unlabelled.parquet'), gallery: at('unlabelled.parquet'), out: at('unjudged.arrow') });
  writeModel(folder, 'model.onnx', pairGraph({ shape: [5] }));
});

/** The metric of a chain on all queries, as `postprocess` and `metrics` tell it. */
async function plain(chain: string, metric: string, more: Options = {}): Promise<number | null> {
  await runPostprocess({ items: base.items, with: [chain], out: at('upd.arrow'), ...more });
  const { metrics } = await runMetrics({ inputs: [at('upd.arrow')], metrics: metric });
  return metrics[metric];
}

describe('rankstream tune', () => {
  it('tells the fitted value of the chain that it recommends, and better values than the others', async () => {
    const tuned = await runTune({ ...base, with: ['constant:{0.4,0.6..1.2/0.2,9}', 'top:{3,20}'] });
    expect(tuned).toMatchObject({ points: 12, folds: 5, seed: 0, queries: QUERIES, reads: 2, optimum: 'highest' });
    expect(await plain(tuned.best.with, base.metric)).toBe(tuned.best.fitted);
    for (const other of ['constant:0.4 | top:3', 'constant:9 | top:20']) {
      expect(await plain(other, base.metric)).toBeLessThanOrEqual(tuned.best.fitted);
    }
    expect(tuned.byFold.reduce((sum, { queries }) => sum + queries, 0)).toBe(QUERIES);
    expect(tuned.baseline.pooled).toBe((await runMetrics({ inputs: [base.items], metrics: base.metric })).metrics[base.metric]);
  });

  it('measures one chain as postprocess does, whatever it needs', async () => {
    for (const chain of ['constant:0.8 | top:4', `rerank:${at('model.onnx')}@4`, 'k-reciprocal:4,2,0.3', 'mmr:0.4@6 | min-max']) {
      const tuned = await runTune({ ...base, ...sources, with: [chain], metric: 'map@5', folds: 3 });
      const value = await plain(chain, 'map@5', sources);
      expect([tuned.heldOut.pooled, tuned.best.fitted], chain).toEqual([value, value]);
    }
  });

  it('warns when the folds disagree, and when the chain is no better than none', async () => {
    const { warnings, byFold } = await runTune({ ...base, with: ['constant:0.3..1.5/0.01'], folds: 10, seed: 1 });
    const chains = new Set(byFold.map((fold) => fold.with));
    expect(chains.size).toBeGreaterThan(1);
    expect(warnings[0]).toMatch(/^the folds disagree about the best parameters: constant:[\d.]+ \(\d+\), /);
    const none = await runTune({ ...base, with: ['top:20'] });
    expect(none.warnings).toEqual(['on held-out queries the tuned chain is no better than none']);
  });

  it('prints a table, or the JSON that it writes, and says before what it will do', async () => {
    const args = [
      'tune',
      base.items,
      '--with',
      'constant:0.6..1.2/0.2|top:{5,10}',
      '--metric',
      'precision@5',
      '--folds',
      '3',
      '--seed',
      '4',
    ];
    const table = await rankstream(args);
    expect(table.stderr).toBe('');
    expect(table.stdout).toContain('precision@5 (the highest is best), 8 points, 3 folds (seed 4), results read 2 times');
    expect(table.stdout).toMatch(/\nto use: --with "constant:[\d.]+ \| top:(5|10)"\n/);
    const json = await rankstream([...args, '--json', '--out', at('tuned.json')]);
    expect(JSON.parse(json.stdout)).toEqual(JSON.parse(readFileSync(at('tuned.json'), 'utf8')));
    const tasks: [string, number | undefined][] = [];
    let advanced = 0;
    const progress = {
      start: (task: string, total?: number) => void tasks.push([task, total]),
      advance(steps: number) {
        advanced += steps;
      },
      stop() {},
    };
    await runTune({ ...base, with: ['adaptive:{1,2,3}'] }, { progress });
    expect(tasks).toEqual([['3 points, 5 folds of 60 queries, 3 reads', 3 * 2 * QUERIES]]);
    expect(advanced).toBe(3 * 2 * QUERIES);
  });
});

describe('rankstream tune refuses', () => {
  it.each<[Options, string]>([
    [{}, 'give the saved results to tune on'],
    [{ items: '-' }, 'results and queries are read several times, which stdin cannot'],
    [{ items: base.items }, 'say what to tune: --with SPEC'],
    [{ items: base.items, with: ['top:5'] }, 'say what to tune for: --metric NAME'],
    [{ ...base, with: ['top:5'], metric: 'mapp@5' }, 'unknown metric "mapp@5"; did you mean "map@5"?'],
    [{ ...base, with: ['constant:treshold=0..1/0.1'] }, 'no parameter for "treshold=0"; write constant-threshold:threshold=NUMBER'],
    [{ ...base, with: ['costant:0..1/0.1'] }, 'did you mean "constant"?'],
    [{ ...base, with: ['constant:0..1/0'] }, 'range 0..1/0 needs a step above 0'],
    [{ ...base, with: ['constant:1..0/0.1'] }, 'range 1..0/0.1 ends before it begins'],
    [{ ...base, with: ['constant:{}'] }, 'list {} has an empty place'],
    [{ ...base, with: ['constant:0..1/0.00001'] }, 'the grid has 100,001 points'],
    [{ ...base, with: ['top:{5,0}'] }, 'top: the count must be a positive integer, not 0'],
    [{ ...base, with: ['top:5'], folds: 61 }, '60 queries are too few for 61 folds'],
    [{ ...base, with: ['top:5'], folds: 1 }, 'the number of folds must be an integer of at least 2'],
    [{ ...base, with: ['top:5'], items: at('unjudged.arrow') }, 'unjudged.arrow: the results carry no relevance'],
    [{ ...base, with: ['mmr:{0.1,0.2}'] }, 'mmr looks at gallery: give the gallery that was searched, --gallery'],
  ])('%j', async (options, message) => {
    const out = at('nothing.json');
    const error = await runTune({ ...options, out }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(message);
    expect((error as UserError).message).not.toContain('\n');
    expect(existsSync(out)).toBe(false);
  });
});
