import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { exactCounts } from '../../src/data/exact-counts.js';
import { parseMetricSet } from '../../src/metrics/metric-set.js';
import { pairValues } from '../../src/metrics/pair-values.js';
import { canonicalDistance } from '../../src/search/canonical.js';
import { rankstream } from '../support/cli.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const { vectors, label } = clusters(60, 6, 5);
const category = label.map((l) => (l % 2 ? 'odd' : 'even'));
const ids = label.map((_, row) => `item-${row}`);
const PAIRS = 'fnmr@fmr=0.1,tar@far=0.01,eer,best-f1,threshold@eer';

beforeAll(async () => {
  const columns = { label, category, id: ids };
  await writeTable(join(folder, 'items.parquet'), embeddingTable(vectors, columns));
  await writeTable(join(folder, 'bare.arrow'), embeddingTable(vectors.slice(0, 20), { label: label.slice(0, 20) }));
});

async function results(...args: string[]) {
  const { status, stdout, stderr } = await rankstream([...args, '--json'], { cwd: folder });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

/** Measures of all pairs of the table, an item not being its own. */
function byDefinition(distance: 'l2' | 'cosine') {
  const parts = { positives: [] as number[], negatives: [] as number[] };
  label.forEach((a, q) => {
    label.forEach((b, g) => {
      if (q !== g) parts[a === b ? 'positives' : 'negatives'].push(canonicalDistance(distance, vectors[q], vectors[g]));
    });
  });
  const { pairs } = parseMetricSet(PAIRS);
  return pairValues(pairs, exactCounts(pairs, Float32Array.from(parts.positives), Float32Array.from(parts.negatives))).metrics;
}

describe('rankstream evaluate', () => {
  it.each(['l2', 'cosine'] as const)('measures all pairs by default: %s', async (distance) => {
    const json = await results(
      'evaluate',
      'items.parquet',
      '--metrics',
      `cmc@1,${PAIRS}`,
      '--distance',
      distance,
      '--k',
      '3',
      '--batch',
      '7',
    );
    const { 'cmc@1': cmc, ...pairs } = json.metrics;
    expect(cmc).toBeGreaterThan(0.5);
    expect(pairs).toEqual(byDefinition(distance));
    expect(json.warnings).toEqual([]);
    expect(json.seconds.pairs).toBeGreaterThan(0);
  });

  it('measures the retrieved pairs where it is asked, which with all retrieved are all pairs', async () => {
    const all = await results('evaluate', 'items.parquet', '--metrics', PAIRS, '--pairs', 'retrieved', '--k', '59');
    expect(all.metrics).toEqual(byDefinition('l2'));
    const names = PAIRS.replaceAll(',', ', ');
    expect(all.warnings).toEqual([`${names}: of the retrieved items of each query only, and so dependent on k`]);
    const few = await results('evaluate', 'items.parquet', '--metrics', PAIRS, '--pairs', 'retrieved', '--k', '9');
    expect(few.metrics).not.toEqual(all.metrics);
  });

  it('keeps the order of the metrics, and gives pcf by category, of all items', async () => {
    const json = await results('evaluate', 'items.parquet', '--metrics', 'pcf@0.5,eer,cmc@1,pcf@1', '--by', 'category');
    expect(Object.keys(json.metrics)).toEqual(['pcf@0.5', 'eer', 'cmc@1', 'pcf@1']);
    expect(Object.keys(json.by.category)).toEqual(['even', 'odd']);
    for (const values of Object.values<Record<string, number>>(json.by.category)) {
      expect(Object.keys(values)).toEqual(['pcf@0.5', 'cmc@1', 'pcf@1']);
      expect(values['pcf@1']).toBe(1);
    }
    // Two files: the items of both, each once.
    const two = ['--queries', 'items.parquet', '--gallery', 'items.parquet', '--metrics', 'pcf@0.5', '--by', 'category'];
    const same = await results('evaluate', ...two, '--same-id');
    expect(same.metrics['pcf@0.5']).toBe(json.metrics['pcf@0.5']);
    const bare = ['--queries', 'items.parquet', '--gallery', 'bare.arrow', '--metrics', 'pcf@0.5', '--by', 'category'];
    expect((await results('evaluate', ...bare)).warnings).toEqual([
      'pcf@0.5 by category: of the queries only, as the gallery has no column "category"',
    ]);
  });

  it('shows what post-processors do to retrieved pairs, and says that all pairs stay', async () => {
    const steps = ['--with', 'constant-threshold:0.9', '--metrics', 'fnmr@fmr=0.1,pcf@0.5'];
    const retrieved = await results('evaluate', 'items.parquet', ...steps, '--pairs', 'retrieved');
    expect(retrieved.metrics['fnmr@fmr=0.1']).not.toBe(retrieved.baseline.metrics['fnmr@fmr=0.1']);
    expect(retrieved.metrics['pcf@0.5']).toBe(retrieved.baseline.metrics['pcf@0.5']);
    const all = await results('evaluate', 'items.parquet', ...steps);
    expect(all.metrics['fnmr@fmr=0.1']).toBe(all.baseline.metrics['fnmr@fmr=0.1']);
    expect(all.warnings[0]).toContain('fnmr@fmr=0.1: of all pairs, which post-processors do not change');
  });

  it('refuses in one line what it cannot do', async () => {
    const input = readFileSync(join(folder, 'bare.arrow'));
    const run = (...args: string[]) => rankstream(['evaluate', ...args], { cwd: folder, input });
    const state = await run('items.parquet', '--metrics', 'cmc@1,pcf@0.5', '--save-state', 's.bin');
    expect(state.stderr).toBe('rankstream: --save-state: pcf@0.5 of parts of the queries would not merge to the whole\n');
    const large = await run('items.parquet', '--metrics', 'eer', '--memory', '1KB');
    expect(large.status).toBe(2);
    const stdin = await run('--queries', '-', '--gallery', 'items.parquet', '--metrics', 'eer,pcf@0.5');
    expect(stdin.stderr).toContain(
      'pcf@0.5, eer: the queries are read again for it, which stdin cannot; give a file; --pairs retrieved is',
    );
    expect(stdin.status).toBe(2);
    expect((await run('items.parquet', '--pairs', 'some')).stderr).toBe('rankstream: --pairs: must be all or retrieved, not "some"\n');
    expect((await run('items.parquet', '--metrics', 'cmc@1,fnmr@0.1')).stderr).toBe(
      'rankstream: metric fnmr@0.1: write it as fnmr@fmr=x\n',
    );
  });
});

describe('rankstream metrics and postprocess', () => {
  it('measure the retrieved pairs of saved results, and refuse what needs embeddings', async () => {
    const search = await results(
      'evaluate',
      'items.parquet',
      '--metrics',
      PAIRS,
      '--pairs',
      'retrieved',
      '--k',
      '9',
      '--results',
      'rr.arrow',
    );
    const saved = await results('metrics', 'rr.arrow', '--metrics', PAIRS);
    expect(saved.metrics).toEqual(search.metrics);
    expect(saved.warnings).toEqual(search.warnings);
    const step = await results('postprocess', 'rr.arrow', '--with', 'constant-threshold:0.9', '--out', 'upd.arrow', '--metrics', PAIRS);
    expect(step.baseline.metrics).toEqual(search.metrics);
    expect(step.metrics).toEqual((await results('metrics', 'upd.arrow', '--metrics', PAIRS)).metrics);
    // Parts that were measured apart merge to the whole.
    for (const [part, from, to] of [['a', 0, 25] as const, ['b', 25, 60] as const]) {
      await writeTable(
        join(folder, `${part}.parquet`),
        embeddingTable(vectors.slice(from, to), { label: label.slice(from, to), id: ids.slice(from, to) }),
      );
      const asked = ['--queries', `${part}.parquet`, '--gallery', 'items.parquet', '--same-id', '--k', '9', '--metrics', `cmc@1,${PAIRS}`];
      await results('evaluate', ...asked, '--pairs', 'retrieved', '--save-state', `${part}.bin`);
    }
    const merged = await results('merge', 'a.bin', 'b.bin');
    const { 'cmc@1': _, ...pairs } = merged.metrics;
    expect(pairs).toEqual(search.metrics);
    expect(merged.warnings).toEqual(search.warnings);
    const { status, stderr } = await rankstream(['metrics', 'rr.arrow', '--metrics', 'pcf@0.5'], { cwd: folder });
    expect(stderr).toBe('rankstream: pcf@0.5: needs embeddings, which results do not have; use rankstream evaluate\n');
    expect(status).toBe(2);
  });
});
