import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Options, runEvaluate, runPostprocess, runSearch, runTune } from '../../pipelines/index.js';
import { UserError } from '../../src/data/errors.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { readRetrieval } from '../../src/io/retrieval-file.js';
import { collect } from '../io/support.js';
import { pairDistance, pairGraph, writeModel } from '../models/graphs.js';
import { rankstream } from '../support/cli.js';
import { clusters, embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const ROWS = 60;
const DIM = 4;
const { vectors, label } = clusters(ROWS, 6, DIM, 5);
const isQuery = label.map((_, row) => row % 3 !== 0);
const isGallery = label.map((_, row) => row % 3 !== 1);
const id = label.map((_, row) => `item-${row}`);
/** Gray of each picture: one of its four pixels. */
const gray = (row: number) => [0, 1, 2, 3].map((i) => (row * 37 + i * 101) % 256);
const where = (flags: boolean[]) => flags.flatMap((flag, row) => (flag ? [row] : []));

beforeAll(async () => {
  const path = label.map((_, row) => `${row}.png`);
  const columns = { id, label, path, category: label.map((l) => `c${l % 2}`) };
  await writeTable(at('items.parquet'), embeddingTable(vectors, { ...columns, is_query: isQuery, is_gallery: isGallery }));
  const part = (rows: number[]) =>
    embeddingTable(
      rows.map((row) => vectors[row]),
      Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, rows.map((row) => values[row])])),
    );
  await writeTable(at('q.parquet'), part(where(isQuery)));
  await writeTable(at('g.parquet'), part(where(isGallery)));
  await writeTable(at('other.parquet'), part(where(isQuery).toReversed()));
  const large = clusters(8000, 6, DIM);
  await writeTable(at('large.parquet'), embeddingTable(large.vectors, { label: large.label }));
  await writeTable(at('bare.parquet'), embeddingTable(vectors, { label }));
  await writeTable(
    at('dim3.parquet'),
    embeddingTable(
      vectors.map((v) => v.slice(0, 3)),
      { label },
    ),
  );
  await Promise.all(
    label.map((_, row) =>
      sharp(Uint8Array.from(gray(row)), { raw: { width: 2, height: 2, channels: 1 } })
        .png()
        .toFile(at(`${row}.png`)),
    ),
  );
  writeModel(folder, 'vectors.onnx', pairGraph({ shape: [DIM] }));
  writeModel(folder, 'pictures.onnx', pairGraph({ shape: [1, 2, 2] }));
  writeModel(folder, 'any-size.onnx', pairGraph({ shape: [1, 'height', 'width'] }));
  writeModel(folder, 'five.onnx', pairGraph({ shape: [5, 2, 2] }));
});

async function saved(file: string): Promise<RetrievalResults> {
  return RetrievalResults.concat(await collect(readRetrieval(at(file))));
}

const METRICS = 'cmc@1,map@10';
const evaluated = (more: Options) =>
  runEvaluate({ items: at('items.parquet'), k: 12, metrics: METRICS, batch: 17, device: 'cpu', ...more });

describe.each([
  ['vectors', (row: number) => vectors[row]],
  ['pictures', (row: number) => gray(row).map((value) => value / 255)],
])('re-ranking by a model of %s', (what, valuesOf) => {
  const spec = () => `rerank:${at(`${what}.onnx`)},batch=9@4`;

  it('orders the first by the model, in evaluate', async () => {
    await evaluated({ results: at('before.arrow') });
    await evaluated({ results: at('after.arrow'), with: [spec()] });
    const [before, after] = [await saved('before.arrow'), await saved('after.arrow')];
    const [queries, gallery] = [where(isQuery), where(isGallery)];
    for (let q = 0; q < before.length; q++) {
      const distance = (row: number) =>
        Math.fround(pairDistance(valuesOf(queries[q]).map(Math.fround), valuesOf(gallery[row]).map(Math.fround)));
      const rows = [...before.retrievedIds(q)];
      const first = rows.slice(0, 4).sort((a, b) => distance(a) - distance(b));
      expect([...after.retrievedIds(q)]).toEqual([...first, ...rows.slice(4)]);
    }
  });

  it.each([
    ['one table for both', { queries: 'items.parquet', gallery: 'items.parquet' }, { items: 'items.parquet' }],
    ['two files', { queries: 'q.parquet', gallery: 'g.parquet' }, { queries: 'q.parquet', gallery: 'g.parquet' }],
  ])('gives the same on saved results, behind two passes too: %s', async (_, given, searched) => {
    const files = (names: object) => Object.fromEntries(Object.entries(names).map(([name, file]) => [name, at(file)]));
    for (const before of ['', 'adaptive:3 |']) {
      const how = { k: 12, batch: 17, device: 'cpu' } as const;
      const options = { with: [`${before} ${spec()}`], metrics: METRICS };
      const whole = await runEvaluate({ ...files(searched), ...how, ...options, results: at('whole.arrow') });
      await runSearch({ ...files(searched), ...how, out: at('rr.arrow') });
      const later = await runPostprocess({ items: at('rr.arrow'), ...files(given), ...options, batch: 11, out: at('later.arrow') });
      expect((await saved('later.arrow')).equals(await saved('whole.arrow'))).toBe(true);
      expect(later).toMatchObject({ metrics: whole.metrics, baseline: { metrics: whole.baseline?.metrics } });
    }
  });
});

describe('what each step did', () => {
  it('is in the results: parameters, seconds, results kept, the change of each metric; its file has no seconds', async () => {
    const results = await evaluated({
      with: ['top:8', `rerank:${at('vectors.onnx')}@4 | constant:0.9`],
      out: at('m.json'),
      report: at('r.html'),
    });
    const { postprocess: steps, baseline, metrics, seconds: _, ...others } = results;
    expect(steps.map(({ name, params }) => [name, params])).toEqual([
      ['top', { count: 8 }],
      ['rerank', { model: 'vectors.onnx', topN: 4 }],
      ['constant-threshold', { threshold: 0.9 }],
    ]);
    const queries = where(isQuery).length;
    expect(steps[0].results).toEqual({ before: queries * 12, after: queries * 8 });
    expect(steps[1].results).toEqual({ before: queries * 8, after: queries * 8 });
    expect(steps[2].results?.before).toBe(queries * 8);
    expect(steps[2].results?.after).toBeLessThan(queries * 8);
    for (const name of METRICS.split(',')) {
      const sum = steps.reduce((total, { change }) => total + (change?.[name] as number), 0);
      expect(sum).toBeCloseTo((metrics[name] as number) - (baseline?.metrics[name] as number), 12);
    }
    // Applied one by one, the same.
    const two = await evaluated({ with: ['top:8', `rerank:${at('vectors.onnx')}@4`] });
    expect(two.postprocess.map(({ change }) => change)).toEqual(steps.slice(0, 2).map(({ change }) => change));
    for (const { seconds } of steps) expect(seconds).toBeGreaterThanOrEqual(0);
    expect(steps[1].seconds).toBeGreaterThan(0);
    const file = JSON.parse(readFileSync(at('m.json'), 'utf8'));
    expect(file).toEqual({ ...others, metrics, baseline, postprocess: steps.map(({ seconds: __, ...step }) => step) });
    const page = readFileSync(at('r.html'), 'utf8');
    expect(page).toContain(`keeps ${queries * 8} of ${queries * 12} results, cmc@1 `);
  });

  it('is in the heading of the table', async () => {
    const args = ['evaluate', at('items.parquet'), '--k', '12', '--metrics', METRICS, '--with', `top:8 | rerank:${at('vectors.onnx')}@4`];
    const { stdout, status, stderr } = await rankstream(args);
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('RR -> top(count=8) -> rerank(model=vectors.onnx, topN=4) -> RR_upd');
    expect(stdout).toMatch(
      /\n {2}top: keeps 320 of 480 results, \d\.\d s, cmc@1 [-+\d.]+, map@10 [-+\d.]+\n {2}rerank: keeps all 320 results, \d\.\d s, cmc@1 /,
    );
  });
});

describe('steps that look at the gallery alone', () => {
  it.each([
    ['mmr:0.3@8', 'one table for both', 'items.parquet', { items: 'items.parquet' }],
    ['collapse:category', 'one table for both', 'items.parquet', { items: 'items.parquet' }],
    ['collapse:category | mmr:0.3@8', 'two files', 'g.parquet', { queries: 'q.parquet', gallery: 'g.parquet' }],
  ])('%s takes saved results without queries: %s', async (spec, _, gallery, searched) => {
    const files = Object.fromEntries(Object.entries(searched).map(([name, file]) => [name, at(file)]));
    const how = { k: 12, batch: 17, device: 'cpu' } as const;
    const whole = await runEvaluate({ ...files, ...how, metrics: METRICS, with: [spec], results: at('whole.arrow') });
    await runSearch({ ...files, ...how, out: at('rr.arrow') });
    const options = { items: at('rr.arrow'), gallery: at(gallery), with: [spec] };
    const later = await runPostprocess({ ...options, metrics: METRICS, out: at('later.arrow') });
    expect((await saved('later.arrow')).equals(await saved('whole.arrow'))).toBe(true);
    expect(later?.metrics).toEqual(whole.metrics);
    const tuned = await runTune({ ...options, metric: 'map@10', folds: 2 });
    expect(tuned.best.fitted).toBeCloseTo(whole.metrics['map@10'] as number, 12);
  });
});

describe('progress', () => {
  it('moves with the search, and tells of pairs and of queries behind the last step', async () => {
    const queries = where(isQuery).length;
    const notes: string[] = [];
    const advanced: number[] = [];
    const progress = {
      start: () => void advanced.splice(0),
      advance: (steps: number) => void advanced.push(steps),
      note: (text: string) => void notes.push(text),
      stop() {},
    };
    const options: Options = { items: at('items.parquet'), k: 12, metrics: METRICS, batch: 17, device: 'cpu' };
    await runEvaluate({ ...options, with: [`rerank:${at('vectors.onnx')},batch=9@4`, 'z-norm'] }, { progress });
    expect(advanced.reduce((sum, steps) => sum + steps, 0)).toBe(queries);
    expect(notes[0]).toBe('9 pairs compared, 0 queries post-processed');
    expect(notes.at(-1)).toBe(`${queries * 4} pairs compared, ${queries} queries post-processed`);
    expect(notes.length).toBeGreaterThan((queries * 4) / 9);
    notes.splice(0);
    await runEvaluate(options, { progress });
    expect(notes).toEqual([]);
  });
});

describe('chains', () => {
  it('say the same in YAML, in one --with, and in several', async () => {
    const steps = ['top:8', `rerank:${at('vectors.onnx')}@4`, 'constant:0.9'];
    const chain = async (flags: readonly string[]) => {
      const args = ['evaluate', at('items.parquet'), '--k', '12', '--metrics', METRICS, '--json', ...flags];
      const { stdout, stderr } = await rankstream(args, { cwd: folder });
      expect(stderr).toBe('');
      const { metrics, baseline, postprocess } = JSON.parse(stdout);
      return { metrics, baseline, steps: postprocess.map(({ seconds: _, ...step }: { seconds: number }) => step) };
    };
    writeFileSync(at('list.yaml'), `with:\n${steps.map((step) => `  - ${step}\n`).join('')}`);
    writeFileSync(at('text.yaml'), `with: "${steps.join(' | ')}"\n`);
    const whole = await chain(['--with', steps.join(' | ')]);
    expect(whole.steps.map(({ name }: { name: string }) => name)).toEqual(['top', 'rerank', 'constant-threshold']);
    expect(await chain(['--with', steps[0], '--with', `${steps[1]} | ${steps[2]}`])).toEqual(whole);
    expect(await chain(['--config', 'list.yaml'])).toEqual(whole);
    expect(await chain(['--config', 'text.yaml'])).toEqual(whole);
  });
});

describe('items from code', () => {
  const items = (shape: readonly number[]) => ({ shape, query: async () => new Float32Array(4), gallery: async () => new Float32Array(4) });

  it('need no pictures', async () => {
    const options: Options = {
      items: at('bare.parquet'),
      k: 5,
      metrics: METRICS,
      with: [`rerank:${at('pictures.onnx')}@3`],
      device: 'cpu',
    };
    const { metrics, baseline } = await runEvaluate(options, { items: items([1, 2, 2]) });
    // All pairs are at the same distance, so that the order stays.
    expect(metrics).toEqual(baseline?.metrics);
    await expect(runEvaluate(options, { items: items([2, 2]) })).rejects.toThrow(
      'rerank: pictures.onnx takes items of shape [1, 2, 2], but these are [2, 2]',
    );
  });
});

describe('what is missing is told in one line before the long work', () => {
  const rerank = (model: string, topN = 4) => `rerank:${join(folder, model)}@${topN}`;
  it.each<[string, string, () => Promise<unknown>, string]>([
    [
      'no pictures',
      'x.json',
      () => runEvaluate({ items: at('bare.parquet'), with: [rerank('pictures.onnx')], out: at('x.json') }),
      'bare.parquet: no column "path" (there are: embedding, label), and rerank compares pictures',
    ],
    [
      'a gallery that is streamed',
      'x.json',
      () =>
        runEvaluate({
          items: at('large.parquet'),
          with: [rerank('vectors.onnx')],
          k: 2,
          memory: 400_000,
          batch: 4,
          threads: 1,
          out: at('x.json'),
        }),
      'rerank needs the vectors of the gallery, which --memory is too small to keep',
    ],
    [
      'another dimension',
      'x.json',
      () => runEvaluate({ items: at('dim3.parquet'), with: [rerank('vectors.onnx')], out: at('x.json') }),
      'rerank: vectors.onnx takes items of shape [4], but these are [3]',
    ],
    [
      'pictures of any size',
      'x.json',
      () => runEvaluate({ items: at('items.parquet'), with: [rerank('any-size.onnx')], out: at('x.json') }),
      'any-size.onnx: pictures are [1, height, width] or [3, height, width] with sides that are known, not [1, height, width]',
    ],
    [
      'no pictures at all',
      'x.json',
      () => runEvaluate({ items: at('items.parquet'), with: [rerank('five.onnx')], out: at('x.json') }),
      'not [5, 2, 2]',
    ],
    [
      'queries from stdin behind two passes',
      'x.json',
      () => runEvaluate({ queries: '-', gallery: at('g.parquet'), with: [`adaptive:2 | ${rerank('vectors.onnx')}`] }),
      'rerank behind adaptive-threshold reads the queries twice, which stdin cannot; give a file',
    ],
    [
      'no queries and gallery',
      'x.arrow',
      () => runPostprocess({ items: at('rr.arrow'), with: [rerank('vectors.onnx')], out: at('x.arrow') }),
      'rerank looks at queries and gallery: give the files that were searched, --queries and --gallery',
    ],
    [
      'no gallery',
      'x.arrow',
      () => runPostprocess({ items: at('rr.arrow'), with: ['top:3 | mmr'], queries: at('q.parquet'), out: at('x.arrow') }),
      'mmr looks at gallery: give the gallery that was searched, --gallery',
    ],
    [
      'a column that is not there, in a search',
      'x.json',
      () => runEvaluate({ queries: at('q.parquet'), gallery: at('g.parquet'), with: ['top:3 | collapse:categry'], out: at('x.json') }),
      'g.parquet: no column "categry" for collapse (there are: embedding, id, label, path, category); did you mean "category"?',
    ],
    [
      'a column that is not there, for saved results',
      'x.arrow',
      () => runPostprocess({ items: at('rr.arrow'), with: ['collapse:categry'], gallery: at('g.parquet'), out: at('x.arrow') }),
      'g.parquet: no column "categry" for collapse',
    ],
    [
      'another gallery',
      'x.arrow',
      () =>
        runPostprocess({
          items: at('rr.arrow'),
          with: [rerank('vectors.onnx')],
          queries: at('q.parquet'),
          gallery: at('other.parquet'),
          out: at('x.arrow'),
        }),
      'other.parquet is not the gallery of these results: its fingerprint is ',
    ],
    [
      'other queries',
      'x.arrow',
      () =>
        runPostprocess({
          items: at('rr.arrow'),
          with: [rerank('vectors.onnx')],
          queries: at('other.parquet'),
          gallery: at('g.parquet'),
          out: at('x.arrow'),
        }),
      'other.parquet: query 0 has the id "item-59", but "item-1" in the results: these are other queries',
    ],
    [
      'a picture that is not there',
      'x.arrow',
      () =>
        runPostprocess({
          items: at('rr.arrow'),
          with: [rerank('pictures.onnx')],
          queries: at('q.parquet'),
          gallery: at('g.parquet'),
          root: '/nowhere',
          out: at('x.arrow'),
        }),
      '/nowhere/',
    ],
  ])('%s', async (_, out, run, message) => {
    await runSearch({ queries: at('q.parquet'), gallery: at('g.parquet'), k: 12, device: 'cpu', out: at('rr.arrow') });
    const error = await run().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(message);
    expect((error as UserError).message).not.toContain('\n');
    expect(existsSync(at(out))).toBe(false);
  });
});
