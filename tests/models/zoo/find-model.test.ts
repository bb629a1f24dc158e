import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { UserError } from '../../../src/data/errors.js';
import { parseModelSpec } from '../../../src/models/model-spec.js';
import { type FindModelOptions, findModel } from '../../../src/models/zoo/find-model.js';
import { cacheFolder } from '../../../src/models/zoo/places.js';
import { addressOf, pageOf, ZOO } from '../../../src/models/zoo/zoo.js';
import { OnnxSession } from '../../../src/runtime/onnx-session.js';
import { temporaryFolder } from '../../support/tables.js';
import { breaksAfter, serve, sha256, whole } from './server.js';

const root = temporaryFolder();
const cache = () => mkdtempSync(join(root, 'cache-'));
const CONTENT = Buffer.alloc(50_000, 'model');
const quick: FindModelOptions = { wait: 1, stallAfter: 2000, note: () => {} };

afterEach(() => vi.unstubAllEnvs());

describe('findModel', () => {
  it.each(['icon-embedder', 'icon-siamese'])('finds %s, which comes with the package, with its description', async (name) => {
    const found = await findModel(name, { offline: true });
    expect(found.name).toBe(name);
    const known = ZOO.find((model) => model.name === name);
    const [file] = known?.files ?? [];
    const bytes = readFileSync(found.file);
    expect([sha256(bytes), bytes.length]).toEqual([file.sha256, file.bytes]);
    expect(found.spec).toBe(known?.spec);
    const session = await OnnxSession.open(found.file);
    expect(Object.fromEntries(session.inputs.map((input) => [input.name, input.shape]))).toEqual(known?.inputs);
    await session.close();
  });

  it('takes the path of a file as it is', async () => {
    const file = join(root, 'mine.onnx');
    writeFileSync(file, 'x');
    expect(await findModel(file)).toEqual({ name: file, file });
  });

  it('downloads a model of the zoo with all its files, and has it the next time', async () => {
    const server = await serve(CONTENT, whole);
    vi.stubEnv('HF_ENDPOINT', `${server.url}/`);
    const folder = cache();
    vi.stubEnv('RANKSTREAM_CACHE', folder);
    const notes: string[] = [];
    const found = await findModel('dino-vits16', { ...quick, note: (line) => void notes.push(line) });
    expect(found.file).toBe(join(folder, 'models', 'dino-vits16', 'model.onnx'));
    expect(found.spec?.pooling).toBe('cls');
    expect(readFileSync(found.file).equals(CONTENT)).toBe(true);
    expect(notes).toHaveLength(1);
    expect(await findModel('dino-vits16', { offline: true })).toEqual(found);
    expect(server.requests).toHaveLength(1);
  });

  it('refuses a model of the zoo that is not what is known of it', async () => {
    const server = await serve(CONTENT, whole);
    vi.stubEnv('HF_ENDPOINT', server.url);
    await expect(findModel('all-minilm-l6-v2', { ...quick, cache: cache() })).rejects.toThrow(
      /resolve\/1110a243fdf4706b3f48f1d95db1a4f5529b4d41\/onnx\/model\.onnx: wrong checksum: .* the download was removed$/,
    );
  });

  it('downloads an address once for all who ask at the same time', async () => {
    const server = await serve(CONTENT, breaksAfter(20_000), whole);
    const options = { ...quick, cache: cache() };
    const address = `${server.url}/some/model%20v1.onnx`;
    const found = await Promise.all([1, 2, 3].map(() => findModel(address, options)));
    expect(server.requests).toHaveLength(2);
    expect(found[0].file).toMatch(/models[\\/]url-[0-9a-f]{16}[\\/]model_v1\.onnx$/);
    expect(new Set(found.map(({ file }) => file)).size).toBe(1);
    expect(readFileSync(found[0].file).equals(CONTENT)).toBe(true);
    expect(found[0].spec).toBeUndefined();
  });

  it('goes on for the others when one of them is stopped', async () => {
    const server = await serve(CONTENT, breaksAfter(20_000), whole);
    const options = { ...quick, wait: 500, cache: cache() };
    const stop = new AbortController();
    const first = findModel(`${server.url}/model.onnx`, { ...options, signal: stop.signal });
    const second = findModel(`${server.url}/model.onnx`, options);
    first.catch(() => {});
    while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    expect(existsSync((await second).file)).toBe(true);
  });

  it('checks a file that was put there by hand, once', async () => {
    const folder = cache();
    const file = join(folder, 'models', 'dinov2-vits14', 'model.onnx');
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, CONTENT);
    const known = '83141175ec78b4ff9a2bb58a4c7c264ba0054d1c2e122e5a8114b79a8d4179ea';
    await expect(findModel('dinov2-vits14', { cache: folder })).rejects.toThrow(
      `${file}: not the file that belongs there: its sha256 is ${sha256(CONTENT)}, not ${known}; remove it to download the right one`,
    );
    const other = join(folder, 'models', 'dino-vitb16', 'model.onnx');
    mkdirSync(join(other, '..'), { recursive: true });
    writeFileSync(other, CONTENT);
    expect((await findModel('dino-vitb16', { cache: folder, offline: true })).file).toBe(other);
    expect(readFileSync(`${other}.sha256`, 'utf8')).toBe(`${sha256(CONTENT)}  model.onnx\n`);
  });

  it('asks nothing of the network when it is offline, and says where the file may be put', async () => {
    const folder = cache();
    const file = join(folder, 'models', 'clip-vitb32', 'model.onnx');
    const revision = 'd15189d7028b43f1d3e65039190477f6af591c2a';
    const message = `huggingface.co cannot be reached (offline, as asked for); to do without it, put https://huggingface.co/Xenova/clip-vit-base-patch32/resolve/${revision}/onnx/vision_model.onnx by hand at ${file}`;
    await expect(findModel('clip-vitb32', { cache: folder, offline: true })).rejects.toThrow(new UserError(message));
    vi.stubEnv('RANKSTREAM_OFFLINE', '1');
    await expect(findModel('clip-vitb32', { cache: folder })).rejects.toThrow(message);
  });

  it.each([
    [
      'icon-embeder',
      /^unknown model "icon-embeder": neither a file nor in the zoo \(rankstream zoo lists it\); did you mean "icon-embedder"\?$/,
    ],
    ['MiniLM', /did you mean "all-minilm-l6-v2"\?$/],
    ['unicom', /did you mean "unicom-vitb32" or "unicom-vitb16"\?$/],
    ['vits16_dino', /^unknown model "vits16_dino": what OML calls so is "dino-vits16" here$/],
    ['models/none.onnx', /^models\/none\.onnx: there is no such model file$/],
    [root, /: not a file; give the path of an ONNX file, or a name of the zoo/],
    ['http://example.org/m.onnx', /^http:\/\/example\.org\/m\.onnx: models are downloaded by https only$/],
    ['https://', /^https:\/\/: not an address$/],
  ])('refuses %s', async (name, message) => {
    const error = await findModel(name, { offline: true }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toMatch(message);
  });
});

describe('the zoo', () => {
  it('has names of its own, descriptions that are read, and files with the ONNX first', () => {
    expect(new Set(ZOO.map(({ name }) => name)).size).toBe(ZOO.length);
    for (const model of ZOO) {
      expect(parseModelSpec(JSON.parse(JSON.stringify(model.spec)), model.name)).toEqual(model.spec);
      const [first, ...more] = model.files;
      expect(first.name).toMatch(/\.onnx$/);
      expect(model.spec.input.tokenizer).toBe(more[0]?.name);
      for (const file of model.files) {
        expect(file.sha256 ?? '0'.repeat(64)).toMatch(/^[0-9a-f]{64}$/);
        expect(file.bytes ?? (file.megabytes ?? 0) * 1e6).toBeGreaterThan(1e5);
      }
      expect(model.dim === undefined).toBe(model.kind === 'pairwise');
    }
  });

  it('knows where each model comes from', () => {
    for (const model of ZOO) {
      const address = addressOf(model, model.files[0]);
      expect(address === undefined).toBe(model.name.startsWith('icon-'));
      if (address) expect(address.startsWith(`${pageOf(model)}/resolve/`)).toBe(true);
    }
  });

  it('keeps downloads where the platform keeps caches', () => {
    vi.stubEnv('RANKSTREAM_CACHE', '');
    expect(cacheFolder()).toMatch(/rankstream/);
    vi.stubEnv('RANKSTREAM_CACHE', '/elsewhere');
    expect(cacheFolder()).toBe('/elsewhere');
  });
});
