import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Options, runConfig, runEvaluate, runSearch } from '../../pipelines/index.js';
import { readRetrieval } from '../../src/io/retrieval-file.js';
import type { Results } from '../../src/report/results.js';
import { collect, refusal } from '../io/support.js';
import { rankstream } from '../support/cli.js';
import { COLOURS, writeColourModels, writePicture } from '../support/colours.js';
import { embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const names = ['red', 'green', 'blue', 'light'];
const rows = Array.from({ length: 24 }, (_, row) => row);
const label = rows.map((row) => names[row % 4]);
const path = rows.map((row) => `pictures/${row % 3 ? 'a' : 'b'}/${row}.png`);
let means: (readonly number[])[];

/** The table as people write it. The first four rows are of train. */
function csv(
  change: (row: number) => Record<string, unknown> = () => ({}),
  columns = ['label', 'split', 'is_query', 'is_gallery', 'path', 'category'],
): string {
  const lines = rows.map((row) => {
    const train = row < 4;
    const flags = train ? {} : { is_query: row % 2, is_gallery: Number(row % 3 !== 0 || row % 2 === 0) };
    const item = { label: label[row], split: train ? 'train' : 'validation', path: path[row], category: row % 3, ...flags, ...change(row) };
    return columns.map((name) => (item as Record<string, unknown>)[name] ?? '').join(',');
  });
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}

beforeAll(async () => {
  process.env.RANKSTREAM_CACHE = at('cache');
  // Other tests have temporary files, too.
  mkdirSync(at('temporary'));
  process.env.TMPDIR = at('temporary');
  writeColourModels(folder);
  // Every colour is mixed with the next, so that a search is good, but not perfect.
  means = await Promise.all(
    rows.map((row) => {
      const [own, next] = [COLOURS[names[row % 4]], COLOURS[names[(row + 1) % 4]]];
      const share = (row % 5) / 6;
      return writePicture(
        at(path[row]),
        own.map((value, i) => value * (1 - share) + next[i] * share),
        row,
      );
    }),
  );
  writeFileSync(at('items.csv'), csv());
  const used = rows.slice(4);
  const columns = {
    label: used.map((row) => label[row]),
    category: used.map((row) => row % 3),
    is_query: used.map((row) => row % 2 === 1),
    is_gallery: used.map((row) => row % 3 !== 0 || row % 2 === 0),
    path: used.map((row) => path[row]),
  };
  await writeTable(
    at('by-hand.parquet'),
    embeddingTable(
      used.map((row) => means[row].map(Math.fround)),
      columns,
    ),
  );
});

const HOW = { metrics: 'cmc@1,map@3', by: ['category'], device: 'cpu', k: 10 } as const;
const evaluated = (more: Options) => runEvaluate({ ...HOW, by: [...HOW.by], ...more });

function timeless({ seconds: _, ...lasting }: Results) {
  return lasting;
}

async function refused(options: Options): Promise<string> {
  return (await refusal(() => evaluated(options))).replaceAll(`${folder}/`, '');
}

describe('evaluate --model', () => {
  it('gives the metrics of the embeddings, tells of the model, and leaves no file behind', async () => {
    const expected = timeless(await evaluated({ items: at('by-hand.parquet') }));
    const results = await evaluated({ items: at('items.csv'), model: at('pictures.onnx') });
    const { model, ...others } = timeless(results);
    expect(others).toEqual(expected);
    expect(others.metrics['cmc@1']).toBeGreaterThan(0);
    expect(others.metrics['cmc@1']).toBeLessThan(1);
    expect(model).toEqual({ name: 'pictures.onnx', device: 'cpu', dim: 3, items: 20, skipped: 0 });
    expect(results.seconds.model).toBeGreaterThan(0);
    expect(readdirSync(at('temporary')).filter((name) => name.startsWith('rankstream-'))).toEqual([]);
  });

  it('is one command, and the same JSON as a config', async () => {
    const args = ['items.csv', '--model', 'pictures.onnx', '--metrics', 'cmc@1,map@3', '--by', 'category', '--device', 'cpu', '--k', '10'];
    const run = (more: string[]) => rankstream(more, { cwd: folder });
    const { status, stdout, stderr } = await run(['evaluate', ...args, '--report', 'r.html', '--worst', '2', '--with', 'top:5', '--json']);
    expect([status, stderr]).toEqual([0, '']);
    const config = [
      'pipeline: validate',
      'items: items.csv',
      'model: { name: pictures.onnx }',
      'metrics: [cmc@1, map@3]',
      'by: category',
      'k: 10',
    ];
    writeFileSync(at('v.yaml'), [...config, 'with: top:5'].join('\n'));
    const same = await run(['run', 'v.yaml', 'model.device=cpu', 'device=cpu', '--json']);
    expect([same.status, same.stderr]).toEqual([0, '']);
    const stepless = ({ postprocess, ...others }: Results) => ({
      ...timeless(others as Results),
      steps: postprocess.map(({ seconds: _, ...step }) => step),
    });
    expect(stepless(JSON.parse(same.stdout))).toEqual(stepless(JSON.parse(stdout)));
    const html = readFileSync(at('r.html'), 'utf8');
    expect(html).toContain('<dt>Model</dt><dd>pictures.onnx</dd>');
    expect(html.match(/<symbol /g)?.length).toBeGreaterThan(4);
    expect(html).not.toContain(folder);
    expect((await run(['evaluate', ...args])).stdout).toContain('model pictures.onnx');
  });

  it('leaves broken files out where it should, tells which, and shows the right items all the same', async () => {
    const damaged = (row: number) => (row === 5 || row === 8 ? { path: `broken-${row}.png` } : {});
    writeFileSync(at('broken-5.png'), 'no picture');
    writeFileSync(at('broken-8.png'), '');
    writeFileSync(
      at('broken.csv'),
      csv(
        (row) => ({ ...damaged(row), ...(row >= 4 && { x_1: 0, y_1: 0, x_2: 8, y_2: 4 }) }),
        [...'label,split,is_query,is_gallery,path'.split(','), 'x_1', 'y_1', 'x_2', 'y_2'],
      ),
    );
    expect(await refused({ items: at('broken.csv'), model: at('pictures.onnx'), by: [] })).toMatch(/^broken\.csv, row 5: broken-5\.png: /);
    const options = {
      items: at('broken.csv'),
      model: at('pictures.onnx'),
      by: [],
      onError: 'skip',
      report: at('b.html'),
      queriesToShow: [1],
      worst: 1,
    } as const;
    const results = await evaluated({ ...options, queriesToShow: [1], by: [] });
    expect(results.model).toMatchObject({ items: 20, skipped: 2 });
    expect(results.queries).toBe(9);
    expect(results.warnings.slice(0, 3)).toEqual([
      'broken.csv: 2 of 20 items are left out',
      expect.stringMatching(/^left out: broken\.csv, row 5: broken-5\.png: /),
      'left out: broken.csv, row 8: broken-8.png: the file is empty',
    ]);
    // Queries are the odd rows from 7 on, since 5 is broken; the second is 9, which is row 5 of the validation split.
    const html = readFileSync(at('b.html'), 'utf8');
    expect(html).toMatch(/stroke="#d33"/);
    expect(html).toMatch(/title="pictures\/b\/9.png"><svg role="img" aria-label="picture of row 9"/);
    expect(html).not.toContain(folder);
  });

  it.each([
    [{ items: 'items.csv', model: 'pictures.onnx', by: ['color'] }, 'items.csv: no column "color" to group by'],
    [{ items: 'no-label.csv', model: 'pictures.onnx' }, 'no-label.csv: no column "label"'],
    [{ items: 'items.csv', model: 'gone.onnx' }, 'gone.onnx: there is no such model file'],
    [{ items: 'items.csv', model: 'texts.onnx' }, 'items.csv: no column "text"'],
    [
      { items: 'items.csv', queryModel: 'texts.onnx' },
      '--query-model and --gallery-model go with --queries and --gallery; one table has one --model',
    ],
    [{ items: 'by-hand.parquet', modelDevice: 'cpu' }, '--model-device goes with --model, which embeds the items'],
    [{ items: 'items.csv', model: 'pictures.onnx', embeddings: 'e.npy' }, 'give either --embeddings, or --model, which makes them'],
    [{ items: 'train.csv', model: 'pictures.onnx' }, 'train.csv: no item of the split "validation"'],
    [{ items: 'nobody.csv', model: 'pictures.onnx' }, 'embeddings of nobody.csv: '],
    [{ queries: 'items.csv', model: 'pictures.onnx' }, 'give a table of items, or both --queries and --gallery'],
    [{ queries: '-', gallery: 'items.csv', model: 'pictures.onnx' }, 'items for a model come from a file, which stdin is not'],
    [
      { queries: 'items.csv', gallery: 'items.csv', queryModel: 'pictures.onnx', galleryModel: 'wide.onnx' },
      'have different dimensions, so that no search compares them',
    ],
  ] as [Record<string, unknown>, string][])('refuses %j', async (given, message) => {
    writeFileSync(at('no-label.csv'), csv(undefined, ['split', 'is_query', 'is_gallery', 'path', 'category']));
    writeFileSync(
      at('train.csv'),
      csv(() => ({ split: 'train', is_query: '', is_gallery: '' })),
    );
    writeFileSync(
      at('nobody.csv'),
      csv((row) => (row < 4 ? {} : { is_gallery: 0 })),
    );
    copyFileSync(at('pictures.onnx'), at('wide.onnx'));
    writeFileSync(at('wide.yaml'), `${readFileSync(at('pictures.yaml'), 'utf8')}head: wide.npy\n`);
    const head = Buffer.from("\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(127), 'latin1');
    writeFileSync(at('wide.npy'), Buffer.concat([head, Buffer.from('\n'), Buffer.alloc(24)]));
    const files = Object.entries(given).map(([name, value]) => [
      name,
      typeof value === 'string' && /\.\w+$/.test(value) ? at(value) : value,
    ]);
    expect(await refused(Object.fromEntries(files))).toContain(message);
  });
});

describe('queries of one kind, gallery of another', () => {
  const texts = ['red', 'blue blue', 'light', 'green'];

  beforeAll(() => {
    writeFileSync(at('captions.csv'), `text,label,category\n${texts.map((text) => `${text},${text.split(' ').at(-1)},0`).join('\n')}\n`);
  });

  const two = () => ({
    queries: at('captions.csv'),
    queryModel: at('texts.onnx'),
    gallery: at('items.csv'),
    galleryModel: at('pictures.onnx'),
  });

  it('are embedded by two models, and searched as one: texts find pictures of their colour', async () => {
    const results = await evaluated({ ...two(), by: [], report: at('t.html') });
    expect(results.models).toEqual({
      queries: { name: 'texts.onnx', device: 'cpu', dim: 3, items: 4, skipped: 0 },
      gallery: { name: 'pictures.onnx', device: 'cpu', dim: 3, items: 20, skipped: 0 },
    });
    expect(results).toMatchObject({ queries: 4, gallery: 20, metrics: { 'cmc@1': 1 } });
    const html = readFileSync(at('t.html'), 'utf8');
    expect(html).toContain('<dd>texts.onnx, pictures.onnx</dd>');
    expect(html).toContain('>blue blue</p>');
    expect(html).toContain('title="pictures/');
  });

  it('is as well a config, and a search; one side may have its embeddings', async () => {
    const lines = Object.entries({
      queries: 'captions.csv',
      'query-model': 'texts.onnx',
      gallery: 'items.csv',
      'gallery-model': 'pictures.onnx',
    });
    writeFileSync(
      at('two.yaml'),
      ['pipeline: validate', 'metrics: cmc@1', ...lines.map(([name, file]) => `${name}: ${at(file)}`)].join('\n'),
    );
    expect(await runConfig(at('two.yaml'))).toMatchObject({ pipeline: 'validate', results: { metrics: { 'cmc@1': 1 } } });
    await runSearch({ ...two(), k: 3, device: 'cpu', out: at('rr.arrow') });
    const [rr] = await collect(readRetrieval(at('rr.arrow')));
    expect(rr.length).toBe(4);
    for (const [q, text] of texts.entries()) expect(label[rr.retrievedIds(q)[0] + 4]).toBe(text.split(' ').at(-1));
    const given = await evaluated({ queries: at('captions.csv'), queryModel: at('texts.onnx'), gallery: at('by-hand.parquet'), by: [] });
    expect(given.models).toMatchObject({ queries: { dim: 3 } });
    expect(given.metrics).toMatchObject({ 'cmc@1': 1 });
  });
});
