import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { runEvaluate } from '../../pipelines/evaluate.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { readRetrieval } from '../../src/io/retrieval-file.js';
import type { Results } from '../../src/report/results.js';
import { canonicalDistance } from '../../src/search/canonical.js';
import { rankstream } from '../support/cli.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const { vectors, label } = clusters(60, 6, 5);
const category = label.map((l) => (l % 2 ? 'odd' : 'even'));
const isQuery = label.map((_, row) => row % 3 !== 0);
const isGallery = label.map((_, row) => row % 3 !== 1);

beforeAll(async () => {
  const columns = { label, category, id: label.map((_, row) => `item-${row}`), text: label.map((_, row) => `text of item ${row}`) };
  await writeTable(at('items.parquet'), embeddingTable(vectors, columns));
  await writeTable(at('split.arrow'), embeddingTable(vectors, { ...columns, is_query: isQuery, is_gallery: isGallery }));
});

async function results(...args: string[]) {
  const { status, stdout, stderr } = await rankstream([...args, '--json'], { cwd: folder });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

/** cmc@k by the definition, all against all, or by the flags. */
function naiveCmc(k: number, queries = label.map(() => true), gallery = label.map(() => true)): number {
  const rows = label.map((_, row) => row);
  const hits = rows
    .filter((q) => queries[q])
    .map((q) => {
      const ranked = rows
        .filter((g) => gallery[g] && g !== q)
        .map((g) => [canonicalDistance('l2', vectors[q], vectors[g]), g])
        .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      return ranked.slice(0, k).some(([, g]) => label[g] === label[q]) ? 1 : 0;
    });
  return hits.reduce<number>((sum, hit) => sum + hit, 0) / hits.length;
}

/** Results without what differs from run to run. */
function timeless({ seconds: _, ...lasting }: Results) {
  return { ...lasting, postprocess: lasting.postprocess.map(({ seconds: __, ...step }) => step) };
}

describe('rankstream evaluate', () => {
  it('searches one table against itself, and prints the results as JSON', async () => {
    const json = await results('evaluate', 'items.parquet', '--metrics', 'cmc@1,map@5', '--by', 'category');
    expect(json).toMatchObject({ queries: 60, gallery: 60, k: 100, distance: 'l2', device: 'cpu', postprocess: [], warnings: [] });
    expect(json.metrics['cmc@1']).toBeCloseTo(naiveCmc(1), 12);
    expect(json.metrics['cmc@1']).toBeLessThan(1);
    const { even, odd } = json.by.category;
    expect((even['map@5'] + odd['map@5']) / 2).toBeCloseTo(json.metrics['map@5'], 12);
    expect(json.seconds.queries).toBeGreaterThan(0);
  });

  it('tells queries and gallery apart by is_query and is_gallery', async () => {
    const json = await results('evaluate', 'split.arrow', '--metrics', 'cmc@1,cmc@2');
    expect(json).toMatchObject({ queries: 40, gallery: 40 });
    expect(json.metrics['cmc@1']).toBeCloseTo(naiveCmc(1, isQuery, isGallery), 12);
    expect(json.metrics['cmc@2']).toBeCloseTo(naiveCmc(2, isQuery, isGallery), 12);
  });

  it('takes two files, where nothing is the same item, unless --same-id says so', async () => {
    const two = ['--queries', 'items.parquet', '--gallery', 'items.parquet', '--metrics', 'cmc@1,map@5'];
    expect((await results('evaluate', ...two)).metrics['cmc@1']).toBe(1);
    const same = await results('evaluate', ...two, '--same-id');
    expect(same.metrics).toEqual((await results('evaluate', 'items.parquet', '--metrics', 'cmc@1,map@5')).metrics);
  });

  it('takes a radius instead of k', async () => {
    const within = await results('evaluate', 'items.parquet', '--radius', '0.75', '--metrics', 'cmc@1,precision@40');
    const cut = await results(
      'evaluate',
      'items.parquet',
      '--k',
      '40',
      '--with',
      `constant:${0.75 + 2 ** -24}`,
      '--metrics',
      'cmc@1,precision@40',
    );
    expect(within.metrics).toEqual(cut.metrics);
    expect(within.k).toBeUndefined();
  });

  it('gives the same bits whatever the batch', async () => {
    const [whole, ...others] = await Promise.all(
      ['1000', '1', '7'].map((batch) =>
        results('evaluate', 'items.parquet', '--by', 'category', '--batch', batch, '--with', 'adaptive-threshold:1.5'),
      ),
    );
    for (const other of others) expect(timeless(other)).toEqual(timeless(whole));
  });

  it('shows before and after with post-processors, in the order of the chain', async () => {
    const json = await results('evaluate', 'items.parquet', '--with', 'adaptive-threshold:3', '--with', 'constant-threshold:1');
    expect(json.postprocess).toMatchObject([
      { name: 'adaptive-threshold', params: { factor: 3 } },
      { name: 'constant-threshold', params: { threshold: 1 } },
    ]);
    const plain = await results('evaluate', 'items.parquet');
    expect(json.baseline.metrics).toEqual(plain.metrics);
    expect(json.metrics).not.toEqual(plain.metrics);
  });

  it('reads options from YAML, and flags win', async () => {
    writeFileSync(
      at('config.yaml'),
      'items: items.parquet\nk: 7\nmetrics: [cmc@1, precision@5]\nby: [category]\nwith: [constant-threshold:1]\ncolumn: { label: label }\n',
    );
    const fromFile = await results('evaluate', '--config', 'config.yaml');
    expect(fromFile.k).toBe(7);
    expect(Object.keys(fromFile.metrics)).toEqual(['cmc@1', 'precision@5']);
    expect(Object.keys(fromFile.by)).toEqual(['category']);
    expect((await results('evaluate', '--config', 'config.yaml', '--k', '9')).k).toBe(9);
  });

  it('retrieves as many as the largest cut-off, and warns when --k is less', async () => {
    expect((await results('evaluate', 'items.parquet', '--metrics', 'map@120')).k).toBe(120);
    const json = await results('evaluate', 'items.parquet', '--metrics', 'cmc@5,cmc@10', '--k', '5');
    expect(json.warnings[0]).toContain('cmc@10: only 5 items are retrieved');
  });

  it('writes metrics, results, per-query values and the report, and leaves nothing else', async () => {
    const before = new Set(readdirSync(folder));
    const files = ['m.json', 'rr.parquet', 'pq.arrow', 'r.html'];
    const json = await results(
      ...['evaluate', 'items.parquet', '--out', 'm.json', '--results', 'rr.parquet', '--per-query', 'pq.arrow', '--report', 'r.html'],
      ...['--worst', '3', '--worst-by', 'map@5', '--queries-to-show', '0,11', '--with', 'constant-threshold:1.2'],
    );
    expect(
      readdirSync(folder)
        .filter((name) => !before.has(name))
        .sort(),
    ).toEqual([...files].sort());
    expect(JSON.parse(readFileSync(at('m.json'), 'utf8'))).toEqual(timeless(json));
    const perQuery = tableFromIPC(readFileSync(at('pq.arrow')));
    expect(perQuery.numRows).toBe(60);
    const cmc = [...(perQuery.getChild('cmc@1') ?? [])] as number[];
    expect(cmc.reduce((sum, value) => sum + value, 0) / 60).toBeCloseTo(json.metrics['cmc@1'], 12);
    const html = readFileSync(at('r.html'), 'utf8');
    for (const text of ['text of item 11', 'RR_upd', 'constant-threshold', 'Worst queries by map@5', 'Chosen queries'])
      expect(html).toContain(text);
    expect(html).not.toContain(folder);
  });

  it('keeps explicit relevance with --save-relevance', async () => {
    await results('evaluate', 'items.parquet', '--results', 'rel.arrow', '--save-relevance');
    const parts: RetrievalResults[] = [];
    for await (const rr of readRetrieval(at('rel.arrow'))) parts.push(rr);
    const rr = RetrievalResults.concat(parts);
    const relevant = rr.relevant?.values.subarray(rr.relevant.offsets[0], rr.relevant.offsets[1]);
    expect([...(relevant ?? [])]).toEqual(label.flatMap((l, row) => (l === label[0] && row !== 0 ? [row] : [])));
  });

  it('prints a table for people, without colours on a pipe', async () => {
    const { stdout, status } = await rankstream(['evaluate', at('items.parquet'), '--by', 'category']);
    expect(status).toBe(0);
    expect(stdout).toContain('OVERALL');
    expect(stdout).toContain('even');
    expect(stdout).not.toContain('\u001b');
  });

  it('is a function with the same power', async () => {
    const json = await results('evaluate', 'items.parquet', '--metrics', 'cmc@1', '--by', 'category');
    const { metrics, by } = await runEvaluate({ items: at('items.parquet'), metrics: 'cmc@1', by: ['category'] });
    expect({ metrics, by }).toEqual({ metrics: json.metrics, by: json.by });
  });
});

describe('rankstream search, postprocess, metrics', () => {
  it('make in three steps what evaluate makes in one', async () => {
    const whole = await results('evaluate', 'items.parquet', '--by', 'category', '--with', 'constant-threshold:1');
    expect((await rankstream(['search', 'items.parquet', '-o', 'one.arrow'], { cwd: folder })).stdout).toBe(
      '60 queries searched, results in one.arrow\n',
    );
    const step = await results('postprocess', 'one.arrow', '--with', 'constant-threshold:1', '-o', 'two.parquet', '--by', 'category');
    const last = await results('metrics', 'two.parquet', '--by', 'category');
    for (const json of [step, last]) expect({ metrics: json.metrics, by: json.by }).toEqual({ metrics: whole.metrics, by: whole.by });
    expect(step.baseline).toEqual(whole.baseline);
    expect(last).toMatchObject({ queries: 60, gallery: 60, k: 100, distance: 'l2', device: 'cpu' });
  });

  it('stream Arrow on stdin and stdout', async () => {
    await writeTable(at('stream.arrows'), embeddingTable(vectors, { label, category }));
    const input = readFileSync(at('stream.arrows'));
    const found = await rankstream(['search', '--queries', '-', '--gallery', at('items.parquet'), '--out', '-', '--k', '5'], { input });
    expect(found.stderr).toBe('');
    expect(tableFromIPC(found.bytes).numRows).toBe(60);
    const cut = await rankstream(['postprocess', '-', '--with', 'constant-threshold:0.5', '--out', '-'], { input: found.bytes });
    expect(cut.stderr).toBe('');
    const measured = await rankstream(['metrics', '-', '--metrics', 'cmc@1', '--json'], { input: cut.bytes });
    expect(JSON.parse(measured.stdout)).toMatchObject({ queries: 60, k: 5, metrics: { 'cmc@1': 1 } });
  });

  it('search without labels, and process what has no relevance', async () => {
    await writeTable(at('plain.arrow'), embeddingTable(vectors));
    expect((await rankstream(['search', 'plain.arrow', '-o', 'rr-plain.arrow'], { cwd: folder })).status).toBe(0);
    const { stdout } = await rankstream(['postprocess', 'rr-plain.arrow', '--with', 'adaptive-threshold:2', '-o', 'rr-plain2.arrow'], {
      cwd: folder,
    });
    expect(stdout).toBe('results in rr-plain2.arrow\n');
    const { status, stderr } = await rankstream(['metrics', 'rr-plain2.arrow'], { cwd: folder });
    expect(stderr).toContain('metrics need to know what is relevant');
    expect(status).toBe(2);
  });

  it('leave no file behind when they fail', async () => {
    writeFileSync(at('broken.arrows'), readFileSync(at('stream.arrows')).subarray(0, -60));
    const { status } = await rankstream(['search', '--queries', 'broken.arrows', '--gallery', 'items.parquet', '-o', 'never.arrow'], {
      cwd: folder,
    });
    expect(status).toBe(2);
    expect(existsSync(at('never.arrow'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
  });
});

describe('rankstream --help', () => {
  it('lists the commands, and the options of each', async () => {
    const { stdout, status } = await rankstream(['--help']);
    expect(status).toBe(0);
    for (const command of ['evaluate', 'search', 'postprocess', 'metrics', 'merge', 'compare']) {
      expect(stdout).toContain(command);
      expect((await rankstream([command, '--help'])).stdout).toContain('--config <file.yaml>');
    }
  });
});
