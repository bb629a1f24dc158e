import { existsSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/data/errors.js';
import { download } from '../../../src/models/zoo/download.js';
import { random, temporaryFolder } from '../../support/tables.js';
import { breaksAfter, type FileServer, serve, sha256, stalls, status, whole, withoutParts } from './server.js';

const root = temporaryFolder();
const content = (seed: number, bytes = 300_000) => {
  const next = random(seed);
  return Buffer.from(Uint8Array.from({ length: bytes }, () => next() * 256));
};
const CONTENT = content(1);
const SUM = sha256(CONTENT);
const quick = { wait: 1, stallAfter: 2000 };

/** A place in a folder of its own. */
const place = () => join(mkdtempSync(join(root, 'models-')), 'sub', 'model.onnx');
const partOf = (file: string, process_ = process.pid) => `${file}.part-${hostname().replace(/[^\w.]/g, '_')}-${process_}-${threadId}`;
const wanted = (server: FileServer, file: string, sum = SUM) => ({
  url: `${server.url}/model.onnx`,
  file,
  sha256: sum === 'unknown' ? undefined : sum,
  name: 'model',
});
const ranges = ({ requests }: FileServer) => requests.map(({ range, 'if-range': version }) => range && `${range} if ${version}`);
const names = (file: string) => readdirSync(join(file, '..')).sort();

describe('download', () => {
  it('leaves the file and its checksum, and nothing else', async () => {
    const server = await serve(CONTENT, whole);
    const file = place();
    const seen: unknown[] = [];
    const progress = {
      start: (task: string, total: number | undefined, unit: string) => void seen.push(['start', task, total, unit]),
      advance: (bytes: number) => void seen.push(bytes),
      stop: () => void seen.push('stop'),
    };
    await download(wanted(server, file), { ...quick, progress });
    expect(readFileSync(file).equals(CONTENT)).toBe(true);
    expect(names(file)).toEqual(['model.onnx', 'model.onnx.sha256']);
    expect(readFileSync(`${file}.sha256`, 'utf8')).toBe(`${SUM}  model.onnx\n`);
    expect(seen[0]).toEqual(['start', 'downloading model', CONTENT.length, 'bytes']);
    expect(seen.at(-1)).toBe('stop');
    expect(seen.reduce<number>((sum, bytes) => sum + (typeof bytes === 'number' ? bytes : 0), 0)).toBe(CONTENT.length);
  });

  it('asks for the rest when the connection breaks, as often as something comes', async () => {
    const server = await serve(CONTENT, ...Array.from({ length: 7 }, () => breaksAfter(30_000)), whole);
    const file = place();
    await download(wanted(server, file), { ...quick, attempts: 2 });
    expect(readFileSync(file).equals(CONTENT)).toBe(true);
    const [first, ...later] = ranges(server);
    expect(first).toBeUndefined();
    expect(later.map((range) => range?.split(' ')[0])).toEqual([1, 2, 3, 4, 5, 6, 7].map((i) => `bytes=${30_000 * i}-`));
    expect(later[0]).toBe(`bytes=30000- if "${SUM.slice(0, 12)}"`);
  });

  it('starts over with a server that sends no parts, and where the file has become another', async () => {
    const first = await serve(CONTENT, breaksAfter(100_000), withoutParts);
    const file = place();
    await download(wanted(first, file), quick);
    expect(ranges(first)[1]).toContain('bytes=100000-');
    expect(readFileSync(file).equals(CONTENT)).toBe(true);

    const other = content(2, 200_000);
    let changed = false;
    const breaksOnce: typeof whole = (request, response, bytes) => {
      changed = true;
      breaksAfter(100_000)(request, response, bytes);
    };
    const second = await serve(() => (changed ? other : CONTENT), breaksOnce, whole);
    const next = place();
    await download(wanted(second, next, 'unknown'), { ...quick, note: () => {} });
    expect(second.requests).toHaveLength(2);
    expect(readFileSync(next).equals(other)).toBe(true);
  });

  it('goes on with what a process left that is gone, and starts over once where that was wrong', async () => {
    const server = await serve(CONTENT, whole);
    // No process has this number: it is beyond the largest.
    const gone = 2 ** 22 + 1;
    for (const [start, requests] of [
      [CONTENT.subarray(0, 50_000), 1],
      [Buffer.alloc(50_000), 2],
      [CONTENT, 1],
    ] as const) {
      server.requests.length = 0;
      const folder = mkdtempSync(join(root, 'models-'));
      const file = join(folder, 'model.onnx');
      writeFileSync(partOf(file, gone), start);
      writeFileSync(`${partOf(file, gone)}.version`, `"${SUM.slice(0, 12)}"`);
      await download(wanted(server, file), quick);
      expect(ranges(server)[0]).toContain(`bytes=${start.length}-`);
      expect(server.requests).toHaveLength(requests);
      expect(readFileSync(file).equals(CONTENT)).toBe(true);
      expect(names(file)).toEqual(['model.onnx', 'model.onnx.sha256']);
    }
  });

  it('leaves alone what another process works on', async () => {
    const server = await serve(CONTENT, whole);
    const folder = mkdtempSync(join(root, 'models-'));
    const file = join(folder, 'model.onnx');
    writeFileSync(partOf(file, process.ppid), 'theirs');
    writeFileSync(`${partOf(file, process.ppid)}.version`, '"x"');
    await download(wanted(server, file), quick);
    expect(ranges(server)).toEqual([undefined]);
    expect(readFileSync(partOf(file, process.ppid), 'utf8')).toBe('theirs');
  });

  it('removes what is not what it should be', async () => {
    const server = await serve(CONTENT, whole);
    const file = place();
    const sum = sha256(content(3));
    await expect(download(wanted(server, file, sum), quick)).rejects.toThrow(
      new UserError(`${server.url}/model.onnx: wrong checksum: its sha256 is ${SUM}, not ${sum}; the download was removed`),
    );
    expect(names(file)).toEqual([]);
  });

  it('trusts the first download of what has no known checksum, says so, and wants the same later', async () => {
    const file = place();
    const notes: string[] = [];
    const note = (line: string) => void notes.push(line);
    await download(wanted(await serve(CONTENT, whole), file, 'unknown'), { ...quick, note });
    expect(notes).toEqual([`${file}: not verified, as no checksum of it is known; its sha256 ${SUM} is kept for the next time`]);
    await download(wanted(await serve(CONTENT, whole), file, 'unknown'), { ...quick, note });
    expect(notes).toHaveLength(1);
    const other = await serve(content(4), whole);
    await expect(download(wanted(other, file, 'unknown'), { ...quick, note })).rejects.toThrow(
      `not ${SUM}, as when it was downloaded first (remove ${file}.sha256 if that is right); the download was removed`,
    );
    expect(readFileSync(file).equals(CONTENT)).toBe(true);
  });

  it('tries again when a server has trouble, and gives up in the end', async () => {
    const ok = await serve(CONTENT, status(500), status(503), status(429), whole);
    const file = place();
    await download(wanted(ok, file), quick);
    expect(ok.requests).toHaveLength(4);
    expect(existsSync(file)).toBe(true);

    const never = await serve(CONTENT, breaksAfter(1000), status(502));
    const next = place();
    const error = `${never.url}/model.onnx: the server has trouble (502); given up after 3 attempts, the next one goes on from there`;
    await expect(download(wanted(never, next), { ...quick, attempts: 3 })).rejects.toThrow(new UserError(error));
    expect(names(next)).toContain(partOf('model.onnx'));
  });

  it('counts a connection without a byte as lost', async () => {
    const server = await serve(CONTENT, stalls, whole);
    const file = place();
    await download(wanted(server, file), { wait: 1, stallAfter: 150 });
    expect(ranges(server)[1]).toContain('bytes=1000-');
    expect(readFileSync(file).equals(CONTENT)).toBe(true);
  });

  it('takes its time when bytes come slowly', async () => {
    const slow: typeof whole = async (_, response, bytes) => {
      response.writeHead(200, { 'content-length': bytes.length });
      for (let at = 0; at < bytes.length; at += 30_000) {
        response.write(bytes.subarray(at, at + 30_000));
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      response.end();
    };
    const server = await serve(CONTENT, slow);
    await download(wanted(server, place()), { wait: 1, stallAfter: 400 });
    expect(server.requests).toHaveLength(1);
  });

  it('stops by a signal, and goes on later', async () => {
    const server = await serve(CONTENT, stalls, whole);
    const file = place();
    const stop = new AbortController();
    const progress = { start() {}, advance: (bytes: number) => void (bytes > 0 && stop.abort(new Error('enough'))), stop() {} };
    await expect(download(wanted(server, file), { ...quick, signal: stop.signal, progress })).rejects.toThrow('enough');
    expect(existsSync(file)).toBe(false);
    await download(wanted(server, file), quick);
    expect(ranges(server)[1]).toContain('bytes=1000-');
    expect(readFileSync(file).equals(CONTENT)).toBe(true);
  });

  it.each([
    [404, 'there is no such file (404)'],
    [403, 'refused (403 Forbidden)'],
  ])('gives up at once on %d', async (code, message) => {
    const server = await serve(CONTENT, status(code));
    const error = download(wanted(server, place()), quick);
    await expect(error).rejects.toThrow(new UserError(`${server.url}/model.onnx: ${message}`));
    expect(server.requests).toHaveLength(1);
  });

  it('says how to do without a network', async () => {
    const file = place();
    const url = 'https://nowhere.invalid/model.onnx';
    await expect(download({ url, file, name: 'model' }, quick)).rejects.toThrow(
      /^nowhere\.invalid cannot be reached \(\w+\); to do without it, put https:\/\/nowhere\.invalid\/model\.onnx by hand at .*model\.onnx$/,
    );
  });

  it('says that the disk is full, and that a folder cannot be written', async () => {
    const server = await serve(CONTENT, whole);
    const folder = mkdtempSync(join(root, 'models-'));
    const file = join(folder, 'model.onnx');
    symlinkSync('/dev/full', partOf(file));
    await expect(download(wanted(server, file), quick)).rejects.toThrow(
      `${folder}: the disk is full; free some space, or name another folder with RANKSTREAM_CACHE`,
    );
    const blocked = join(root, 'a-file');
    writeFileSync(blocked, '');
    await expect(download(wanted(server, join(blocked, 'm', 'model.onnx')), quick)).rejects.toThrow(
      'cannot write there (ENOTDIR); name another folder with RANKSTREAM_CACHE',
    );
  });
});
