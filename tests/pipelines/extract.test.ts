import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Options } from '../../pipelines/index.js';
import { readTable } from '../../src/io/open.js';
import { collect, rowsOf } from '../io/support.js';
import { root, twoOutputs } from '../models/extractor-graphs.js';
import { writeModel } from '../models/graphs.js';
import { rankstream } from '../support/cli.js';
import { npyBytes } from '../support/npy.js';
import { csv, HEAD, item, near, PART, paths, pictureSet, ROWS, rows, vectorsIn } from './extract-support.js';

const { folder, at, means, newName, extracted, refused } = pictureSet();

describe('rankstream extract', () => {
  it('writes the table with its columns as they are, and embeddings behind them', async () => {
    const { status, stdout, stderr } = await rankstream(['extract', 'items.csv', '--model', 'pictures.onnx', '-o', 'e.parquet'], {
      cwd: folder,
    });
    expect([status, stdout, stderr]).toEqual([0, '30 items embedded, 3 numbers each, in e.parquet\n', '']);
    const table = readTable(at('e.parquet'));
    const { schema } = await table.describe();
    expect(schema.fields.map(({ name }) => name)).toEqual([...HEAD, 'embedding']);
    expect(schema.fields.map(({ type }) => String(type)).slice(1)).toEqual([
      'Int64',
      'Utf8',
      'Bool',
      'Bool',
      'Utf8',
      'Float64',
      'FixedSizeList[3]<Float32>',
    ]);
    const written = rowsOf(await collect(table)) as Record<string, unknown>[];
    const flag = (value: unknown) => (value === '' ? null : value === 1);
    expect(written.map(({ embedding: _, ...columns }) => columns)).toEqual(
      rows.map(item).map((one) => ({
        ...one,
        is_query: flag(one.is_query),
        is_gallery: flag(one.is_gallery),
        price: one.price === '' ? null : one.price,
      })),
    );
    expect(await vectorsIn(at('e.parquet'))).toEqual(near(means));
  });

  it('tells as JSON what it did, takes a split alone, and writes a stream to stdout', async () => {
    const args = ['extract', 'items.csv', '--model', 'pictures.onnx', '--split', 'validation', '--device', 'cpu'];
    const json = await rankstream([...args, '-o', 'v.arrow', '--json'], { cwd: folder });
    const { seconds, ...outcome } = JSON.parse(json.stdout);
    expect(outcome).toEqual({
      file: 'v.arrow',
      items: 25,
      embedded: 25,
      fromCache: 0,
      skipped: [],
      dim: 3,
      modality: 'image',
      device: 'cpu',
    });
    expect(seconds).toBeGreaterThan(0);
    expect(await vectorsIn(at('v.arrow'))).toEqual(near(means.slice(5)));
    const streamed = await rankstream([...args, '-o', '-'], { cwd: folder });
    expect([streamed.status, streamed.stderr]).toEqual([0, '']);
    writeFileSync(at('streamed.arrows'), streamed.bytes);
    expect(await vectorsIn(at('streamed.arrows'))).toEqual(await vectorsIn(at('v.arrow')));
  });

  it('shows on a terminal how far it is, with rate and time left, and nothing elsewhere', async () => {
    const args = ['extract', 'items.csv', '--model', 'pictures.onnx', '-o', 'p.parquet', '--no-cache', '--batch', '1'];
    const terminal = { NODE_OPTIONS: '--import "data:text/javascript,process.stderr.isTTY=true"' };
    const { stderr, status } = await rankstream(args, { cwd: folder, env: terminal });
    expect(status).toBe(0);
    expect(stderr).toMatch(/embedding \S+ 30\/30 {2}\d[\d,]*\/s {2}\d+s left/);
    // Items of earlier runs are steps of the way too.
    const steps: number[] = [];
    const progress = {
      start: (task: string, total?: number) => steps.push(task === 'embedding' ? (total ?? 0) : -1),
      advance: (n: number) => steps.push(-n),
      stop() {},
    };
    const cacheFolder = newName('cache');
    for (let run = 0; run < 2; run++) await extracted({ progress, cacheFolder, batch: 7 });
    expect(steps[0]).toBe(30);
    expect(steps.reduce((sum, n) => sum + n, 0)).toBe(0);
  });
});

describe('the table that is written', () => {
  it('is the same bytes from another folder at another time: it holds no time and no path of this machine', async () => {
    const outputs: Buffer[][] = [];
    for (const place of ['here', 'elsewhere/deep'].map(at)) {
      mkdirSync(place, { recursive: true });
      for (const one of ['pictures', 'items.csv', 'pictures.onnx', 'pictures.yaml']) cpSync(at(one), join(place, one), { recursive: true });
      // From its folder, and from outside.
      const args = ['extract', 'items.csv', '--model', 'pictures.onnx', '-o', 'relative.parquet', '--device', 'cpu', '--no-cache'];
      expect(await rankstream(args, { cwd: place })).toMatchObject({ status: 0, stderr: '' });
      const given = { items: join(place, 'items.csv'), model: join(place, 'pictures.onnx'), cache: false, partRows: 256 };
      for (const name of ['e.parquet', 'e.arrow', 'e.arrows']) await extracted({ ...given, out: join(place, name) });
      outputs.push(['relative.parquet', 'e.parquet', 'e.arrow', 'e.arrows'].map((name) => readFileSync(join(place, name))));
    }
    const [here, elsewhere] = outputs;
    for (const [i, bytes] of here.entries()) expect(bytes.equals(elsewhere[i])).toBe(true);
    expect(here[0].equals(here[1])).toBe(true);
    for (const bytes of outputs.flat()) expect(bytes.includes(folder)).toBe(false);
  });

  it('is there when it is whole, and one that stood there stays as it was: finished parts are kept all the same', async () => {
    const items = at('broken.csv');
    writeFileSync(at('broken.png'), 'no picture');
    writeFileSync(
      items,
      csv((row) => (row === 20 ? { path: 'broken.png' } : {})),
    );
    mkdirSync(at('out'));
    const out = at('out/e.parquet');
    const cacheFolder = newName('cache');
    expect(await refused({ items, out, cacheFolder })).toMatch(/^broken\.csv, row 20: broken\.png: /);
    expect(readdirSync(at('out'))).toEqual([]);
    writeFileSync(out, 'before');
    expect(await refused({ items, out, cacheFolder })).toMatch(/^broken\.csv, row 20: broken\.png: /);
    expect([readdirSync(at('out')), readFileSync(out, 'utf8')]).toEqual([['e.parquet'], 'before']);
    // Two parts were finished before the one with row 20.
    copyFileSync(at(paths[20]), at('broken.png'));
    const mended = await extracted({ items, out, cacheFolder });
    expect(mended.fromCache).toBeGreaterThanOrEqual(2 * PART);
    expect(mended.fromCache).toBeLessThan(ROWS);
    expect(await vectorsIn(out)).toEqual(near(means));
  });

  it('is not there after an interrupt, and the parts that were finished are', async () => {
    const stop = new AbortController();
    const cacheFolder = newName('cache');
    const out = newName('e.parquet');
    let done = 0;
    const progress = {
      start() {},
      stop() {},
      advance(count: number) {
        done += count;
        if (done > 20) stop.abort();
      },
    };
    await expect(extracted({ out, cacheFolder, progress, signal: stop.signal, batch: 2 })).rejects.toThrow('aborted');
    expect(readdirSync(folder).filter((name) => name.includes(out.slice(folder.length + 1)))).toEqual([]);
    const after = await extracted({ out, cacheFolder });
    expect(after.fromCache).toBeGreaterThan(0);
    expect(after.bytes.equals((await extracted({ cache: false })).bytes)).toBe(true);
  });
});

describe('--on-error skip', () => {
  it('leaves broken items out, lists them with row and path, and counts them, also when they are known from before', async () => {
    writeFileSync(at('cut.png'), readFileSync(at(paths[0])).subarray(0, 60));
    const broken: Record<number, string> = { 6: 'cut.png', 7: 'gone.png', 25: 'cut.png' };
    writeFileSync(
      at('some.csv'),
      csv((row) => (broken[row] ? { path: broken[row] } : {})),
    );
    const given = { items: at('some.csv'), out: at('s.arrow'), onError: 'skip', partRows: 256 } as const;
    for (const known of [0, 27]) {
      const { items, embedded, fromCache, skipped } = await extracted(given);
      expect([items, embedded, fromCache]).toEqual([30, 27, known]);
      expect(skipped.map(({ row, path }) => [row, path])).toEqual(Object.entries(broken).map(([row, path]) => [Number(row), path]));
    }
    expect(await vectorsIn(at('s.arrow'))).toEqual(near(means.filter((_, row) => !broken[row])));
    const ids = (rowsOf(await collect(readTable(at('s.arrow')))) as { id: string }[]).map(({ id }) => id);
    expect(ids).toEqual(rows.filter((row) => !broken[row]).map((row) => `item-${row}`));
    expect(await refused({ items: at('some.csv') })).toMatch(/^some\.csv, row 6: cut\.png: /);
    const args = ['extract', 'some.csv', '--model', 'pictures.onnx', '-o', 's.arrow', '--device', 'cpu', '--on-error', 'skip'];
    const { status, stdout, stderr } = await rankstream(args, { cwd: folder });
    expect([status, stdout]).toEqual([0, '27 items embedded (27 of them in an earlier run, 3 left out), 3 numbers each, in s.arrow\n']);
    expect(stderr).toMatch(
      /^rankstream: left out: some\.csv, row 6: cut\.png: .+\nrankstream: left out: some\.csv, row 7: gone\.png: .+\nrankstream: left out: some\.csv, row 25: cut\.png: .+\n$/,
    );
  });

  it('leaves out what has no finite embedding, by its row in the file, and refuses a table of which nothing is left', async () => {
    writeFileSync(at('roots.yaml'), 'modality: tensor\n');
    writeModel(folder, 'roots.onnx', root());
    const vectors = rows.map((row) => [row, row === 9 ? -1 : 1, 4]);
    rows.forEach((row) => {
      writeFileSync(at(`${row}.npy`), npyBytes('3', new Uint8Array(Float32Array.from(vectors[row]).buffer)));
    });
    writeFileSync(
      at('arrays.csv'),
      csv((row) => ({ path: `${row}.npy` })),
    );
    const given = { items: at('arrays.csv'), model: at('roots.onnx'), split: 'validation', cacheFolder: newName('cache') };
    expect(await refused(given)).toBe('roots.onnx: arrays.csv, row 9: 9.npy: its embedding is not finite');
    const { skipped, embedded } = await extracted({ ...given, onError: 'skip' });
    expect(embedded).toBe(24);
    expect(skipped).toEqual([{ row: 9, path: '9.npy', reason: `${at('arrays.csv')}, row 9: 9.npy: its embedding is not finite` }]);
    writeFileSync(
      at('all-gone.csv'),
      csv(() => ({ path: 'gone.png' })),
    );
    expect(await refused({ items: at('all-gone.csv'), onError: 'skip' })).toMatch(
      /^all-gone\.csv: not one of 30 items could be embedded; all-gone\.csv, row 0: gone\.png: .*no such file/,
    );
  });
});

describe('refuses', () => {
  it.each([
    [{ items: undefined }, 'say which items: rankstream extract ITEMS --model MODEL --out FILE'],
    [{ model: undefined }, 'say which model embeds them: --model FILE.onnx, or a name of `rankstream zoo`'],
    [{ out: undefined }, 'say where the embeddings go: --out FILE (.parquet, .arrow, .arrows)'],
    [{ out: 'e.csv' }, 'e.csv: tables are written as .arrow, .feather, .arrows, .parquet'],
    [{ out: 'no/such/e.arrow' }, 'no/such/e.arrow: cannot be written, because there is no folder'],
    [{ split: 'test' }, 'items.csv: no item of the split "test" (there are: train, validation)'],
    [{ model: 'icon-embeder' }, 'did you mean "icon-embedder"?'],
    [
      { model: 'two.onnx' },
      'two.onnx: has 2 outputs, y float32 [batch, 3], z float32 [batch, 3]; say which with "output: NAME" in its description',
    ],
    [{ cacheFolder: 'items.csv' }, 'items.csv: the cache cannot be read'],
  ] as [Options, string][])('%j: %s', async (options, message) => {
    writeModel(folder, 'two.onnx', twoOutputs());
    writeFileSync(at('two.yaml'), 'modality: tensor\n');
    const placed = Object.entries(options).map(([name, value]) => [name, /[./]/.test(String(value)) ? at(String(value)) : value]);
    expect(await refused(Object.fromEntries(placed))).toContain(message);
  });
});
