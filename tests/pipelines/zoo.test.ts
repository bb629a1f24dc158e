import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { runZoo, type ZooListing } from '../../pipelines/index.js';
import { ZOO } from '../../src/models/zoo/zoo.js';
import { zooDetails, zooTable } from '../../src/report/zoo-table.js';
import { breaksAfter, STALLED, serve, sha256, stalls, whole } from '../models/zoo/server.js';
import { CLI, rankstream } from '../support/cli.js';
import { temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const CONTENT = Buffer.alloc(200_000, 'a model');
const cacheOf = () => mkdtempSync(join(folder, 'cache-'));

describe('rankstream zoo', () => {
  it('lists every model, and which are here', async () => {
    const { status, stdout, stderr } = await rankstream(['zoo'], { env: { RANKSTREAM_CACHE: cacheOf() } });
    expect([status, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines.slice(1, 1 + ZOO.length).map((line) => line.split(/\s+/)[0])).toEqual(ZOO.map(({ name }) => name));
    expect(lines.find((line) => line.startsWith('icon-embedder'))).toMatch(
      /image +128 +1x64x64 .* 1\.2 MB +yes +Apache-2\.0 +known +package$/,
    );
    expect(lines.find((line) => line.startsWith('dino-vits16'))).toMatch(
      /384 .* norm_resize_torch 224, cls +87 MB +no +Apache-2\.0 +unknown +Xenova$/,
    );
  });

  it('downloads ahead, also when two processes do so at the same time', async () => {
    const server = await serve(CONTENT, breaksAfter(90_000), breaksAfter(90_000), whole);
    const cache = cacheOf();
    const env = { RANKSTREAM_CACHE: cache, HF_ENDPOINT: server.url };
    const runs = await Promise.all([1, 2].map(() => rankstream(['zoo', 'dino-vits16', '--fetch', '--json'], { env })));
    const file = join(cache, 'models', 'dino-vits16', 'model.onnx');
    for (const { status, stdout, stderr } of runs) {
      expect([status, stderr]).toEqual([
        0,
        expect.stringMatching(
          /^(rankstream: note: .*model\.onnx: not verified, as no checksum of it is known; its sha256 [0-9a-f]{64} .*\n)?$/,
        ),
      ]);
      const { models }: ZooListing = JSON.parse(stdout);
      expect(models).toHaveLength(1);
      expect(models[0]).toMatchObject({ name: 'dino-vits16', here: true, oml: 'vits16_dino' });
      const kept = { path: file, here: true, bytes: CONTENT.length, exact: true, sha256: null, found: sha256(CONTENT) };
      expect(models[0].files[0]).toMatchObject(kept);
    }
    expect(readdirSync(join(file, '..')).sort()).toEqual(['model.onnx', 'model.onnx.sha256']);
  });

  it.each(['SIGINT', 'SIGKILL'] as const)('goes on with the download of a command that %s stopped', async (signal) => {
    const server = await serve(CONTENT, stalls, whole);
    const cache = cacheOf();
    const env = { ...process.env, RANKSTREAM_CACHE: cache, HF_ENDPOINT: server.url };
    const models = join(cache, 'models', 'dino-vits16');
    const items = join(cache, 'items.csv');
    writeFileSync(items, 'label,split,is_query,is_gallery,path\n1,validation,1,1,1.png\n');
    writeFileSync(join(cache, '1.png'), '');
    const child = spawn(process.execPath, [CLI, 'extract', items, '--model', 'dino-vits16', '--out', join(cache, 'e.parquet')], { env });
    const ended = once(child, 'close');
    const told = text(child.stderr);
    const arrived = () => existsSync(models) && readdirSync(models).some((name) => statSync(join(models, name)).size === STALLED);
    while (!arrived()) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill(signal);
    expect(await ended).toEqual(signal === 'SIGINT' ? [130, null] : [null, 'SIGKILL']);
    expect(await told).toBe(signal === 'SIGINT' ? 'rankstream: stopped\n' : '');
    expect(existsSync(join(models, 'model.onnx'))).toBe(false);
    expect((await rankstream(['zoo', 'dino-vits16', '--fetch'], { env })).status).toBe(0);
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, `bytes=${STALLED}-`]);
    expect(sha256(readFileSync(join(models, 'model.onnx')))).toBe(sha256(CONTENT));
    expect(readdirSync(models).sort()).toEqual(['model.onnx', 'model.onnx.sha256']);
  });

  it('tells all of a model', async () => {
    const { status, stdout } = await rankstream(['zoo', 'all-minilm-l6-v2'], { env: { RANKSTREAM_CACHE: cacheOf() } });
    expect(status).toBe(0);
    for (const part of ['embeddings of 384 numbers', 'not here yet, 90 MB', 'tokenizer.json', 'max-length: 256', 'pooling: mean'])
      expect(stdout).toContain(part);
  });

  it.each([
    [['zoo', 'dinov2-vitb41'], 'no model "dinov2-vitb41" in the zoo (rankstream zoo lists it); did you mean "dinov2-vitb14"?'],
    [['zoo', '--fetch'], '--fetch: which models? Give their names, for example: rankstream zoo dinov2-vits14 --fetch'],
  ])('refuses %j', async (args, message) => {
    const { status, stderr } = await rankstream(args);
    expect([status, stderr]).toEqual([2, `rankstream: ${message}\n`]);
  });

  it('tells what is known of checksums, and continues columns beneath each other', async () => {
    const listing = await runZoo({ inputs: ['dino-vits16', 'resnet50'] });
    expect(zooDetails(listing)).toContain('sha256 not known: that of the first download will be kept');
    const [model] = listing.models;
    const found = { ...listing, models: [{ ...model, files: [{ ...model.files[0], found: 'f'.repeat(64) }] }] };
    expect(zooDetails(found)).toContain(`sha256 ${'f'.repeat(64)} (of the first download: not verified)`);
    expect(zooDetails(listing)).toContain('note    not the weights of resnet50_imagenet1k_v1 in OML');
    for (const line of zooTable(listing, { width: 60 }).split('\n').slice(0, -2)) expect(line.length).toBeLessThanOrEqual(60);
  });
});
