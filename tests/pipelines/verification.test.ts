import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runEvaluate } from '../../pipelines/evaluate.js';
import { runMerge } from '../../pipelines/merge.js';
import { runMetrics } from '../../pipelines/metrics.js';
import type { Options } from '../../pipelines/options.js';
import { runPostprocess } from '../../pipelines/postprocess.js';
import { exactCounts } from '../../src/data/exact-counts.js';
import { parseMetricSet } from '../../src/metrics/metric-set.js';
import { pairValues } from '../../src/metrics/pair-values.js';
import { canonicalDistance } from '../../src/search/canonical.js';
import { rankstream } from '../support/cli.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const { vectors, label } = clusters(60, 6, 5);
const category = label.map((l) => (l % 2 ? 'odd' : 'even'));
const id = label.map((_, row) => `item-${row}`);
const PAIRS = 'fnmr@fmr=0.1,tar@far=0.01,eer,best-f1,threshold@eer';
const DEPENDS = `${PAIRS.replaceAll(',', ', ')}: of the retrieved items of each query only, and so dependent on k`;

beforeAll(async () => {
  await writeTable(at('items.parquet'), embeddingTable(vectors, { label, category, id }));
  await writeTable(at('bare.arrow'), embeddingTable(vectors.slice(0, 20), { label: label.slice(0, 20) }));
});

const evaluate = (options: Options) => runEvaluate({ items: at('items.parquet'), threads: 1, ...options });
const evaluateTwo = (options: Options) => runEvaluate({ gallery: at('items.parquet'), threads: 1, ...options });

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

describe('evaluate', () => {
  it.each(['l2', 'cosine'] as const)('measures all pairs by default: %s', async (distance) => {
    const { metrics, warnings, seconds } = await evaluate({ metrics: `cmc@1,${PAIRS}`, distance, k: 3, batch: 7, threads: 2 });
    const { 'cmc@1': cmc, ...pairs } = metrics;
    expect(cmc).toBeGreaterThan(0.5);
    expect(pairs).toEqual(byDefinition(distance));
    expect(warnings).toEqual([]);
    expect(seconds.pairs).toBeGreaterThan(0);
  });

  it('measures the retrieved pairs where it is asked, which with all retrieved are all pairs', async () => {
    const all = await evaluate({ metrics: PAIRS, pairs: 'retrieved', k: 59 });
    expect(all.metrics).toEqual(byDefinition('l2'));
    expect(all.warnings).toEqual([DEPENDS]);
    const few = await evaluate({ metrics: PAIRS, pairs: 'retrieved', k: 9 });
    expect(few.metrics).not.toEqual(all.metrics);
  });

  it('keeps the order of the metrics, and gives pcf by category, of all items', async () => {
    const { metrics, by } = await evaluate({ metrics: 'pcf@0.5,eer,cmc@1,pcf@1', by: ['category'] });
    expect(Object.keys(metrics)).toEqual(['pcf@0.5', 'eer', 'cmc@1', 'pcf@1']);
    expect(Object.keys(by.category)).toEqual(['even', 'odd']);
    for (const values of Object.values(by.category)) {
      expect(Object.keys(values)).toEqual(['pcf@0.5', 'cmc@1', 'pcf@1']);
      expect(values['pcf@1']).toBe(1);
    }
    // Two files: the items of both, each once.
    const two = { queries: at('items.parquet'), metrics: 'pcf@0.5', by: ['category'] };
    expect((await evaluateTwo({ ...two, sameId: true })).metrics['pcf@0.5']).toBe(metrics['pcf@0.5']);
    expect((await evaluateTwo({ ...two, gallery: at('bare.arrow') })).warnings).toEqual([
      'pcf@0.5 by category: of the queries only, as the gallery has no column "category"',
    ]);
  });

  it('shows what post-processors do to retrieved pairs, and says that all pairs stay', async () => {
    const steps = { with: ['constant-threshold:0.9'], metrics: 'fnmr@fmr=0.1,pcf@0.5' };
    const retrieved = await evaluate({ ...steps, pairs: 'retrieved' });
    expect(retrieved.metrics['fnmr@fmr=0.1']).not.toBe(retrieved.baseline?.metrics['fnmr@fmr=0.1']);
    expect(retrieved.metrics['pcf@0.5']).toBe(retrieved.baseline?.metrics['pcf@0.5']);
    const all = await evaluate(steps);
    expect(all.metrics['fnmr@fmr=0.1']).toBe(all.baseline?.metrics['fnmr@fmr=0.1']);
    expect(all.warnings[0]).toContain('fnmr@fmr=0.1: of all pairs, which post-processors do not change');
  });

  it('refuses what it cannot do, and says what can be done', async () => {
    await expect(evaluate({ metrics: 'cmc@1,pcf@0.5', saveState: at('s.bin') })).rejects.toThrow(
      '--save-state: pcf@0.5 of parts of the queries would not merge to the whole',
    );
    await expect(evaluate({ metrics: 'eer', qrels: at('qrels') })).rejects.toThrow(
      'eer: all pairs are judged by labels, not by qrels; --pairs retrieved is about the retrieved pairs only',
    );
    const large = at('large.parquet');
    const many = { vectors: Array.from({ length: 6000 }, (_, row) => Array.from({ length: 64 }, (_, i) => Math.sin(row + i))) };
    await writeTable(large, embeddingTable(many.vectors, { label: many.vectors.map((_, row) => row % 9) }));
    const streamed = { queries: at('few.parquet'), gallery: large, metrics: 'eer', memory: 6_000_000, batch: 16 };
    await writeTable(
      at('few.parquet'),
      embeddingTable(many.vectors.slice(0, 16), { label: Array.from({ length: 16 }, (_, row) => row % 9) }),
    );
    await expect(evaluateTwo(streamed)).rejects.toThrow('eer: all pairs need the gallery in memory, for which --memory is too little');
    expect((await evaluateTwo({ ...streamed, metrics: 'pcf@0.5' })).metrics['pcf@0.5']).toBeGreaterThan(0);
  });
});

describe('metrics, postprocess and merge', () => {
  it('measure the retrieved pairs of saved results', async () => {
    const search = await evaluate({ metrics: PAIRS, pairs: 'retrieved', k: 9, results: at('rr.arrow') });
    const saved = await runMetrics({ inputs: [at('rr.arrow')], metrics: PAIRS });
    expect(saved.metrics).toEqual(search.metrics);
    expect(saved.warnings).toEqual([DEPENDS]);
    const step = await runPostprocess({ items: at('rr.arrow'), with: ['constant-threshold:0.9'], out: at('upd.arrow'), metrics: PAIRS });
    expect(step?.baseline?.metrics).toEqual(search.metrics);
    expect(step?.metrics).toEqual((await runMetrics({ inputs: [at('upd.arrow')], metrics: PAIRS })).metrics);

    for (const [part, from, to] of [['a', 0, 25] as const, ['b', 25, 60] as const]) {
      const own = { label: label.slice(from, to), id: id.slice(from, to) };
      await writeTable(at(`${part}.parquet`), embeddingTable(vectors.slice(from, to), own));
      const asked = { queries: at(`${part}.parquet`), sameId: true, k: 9, metrics: `cmc@1,${PAIRS}`, saveState: at(`${part}.bin`) };
      await evaluateTwo({ ...asked, pairs: 'retrieved' });
    }
    const merged = await runMerge({ inputs: [at('a.bin'), at('b.bin')] });
    const { 'cmc@1': _, ...pairs } = merged.metrics;
    expect(pairs).toEqual(search.metrics);
    expect(merged.warnings).toEqual([DEPENDS]);
  });
});

describe('rankstream', () => {
  it('tells of mistakes in one line', async () => {
    const input = readFileSync(at('bare.arrow'));
    const run = async (...args: string[]) => {
      const { status, stderr } = await rankstream(args, { cwd: folder, input });
      expect(status).toBe(2);
      return stderr;
    };
    const stdin = run('evaluate', '--queries', '-', '--gallery', 'items.parquet', '--metrics', 'eer,pcf@0.5');
    expect(await stdin).toContain('pcf@0.5, eer: the queries are read again for it, which stdin cannot; give a file; --pairs retrieved is');
    expect(await run('evaluate', 'items.parquet', '--pairs', 'some')).toBe('rankstream: --pairs: must be all or retrieved, not "some"\n');
    expect(await run('evaluate', 'items.parquet', '--metrics', 'cmc@1,fnmr@0.1')).toBe(
      'rankstream: metric fnmr@0.1: write it as fnmr@fmr=x\n',
    );
    expect(await run('metrics', 'rr.arrow', '--metrics', 'pcf@0.5')).toBe(
      'rankstream: pcf@0.5: needs embeddings, which results do not have; use rankstream evaluate\n',
    );
  });
});
