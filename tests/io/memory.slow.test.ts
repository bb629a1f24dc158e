import { execFile } from 'node:child_process';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Table } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { embeddingColumn } from '../../src/data/embeddings-column.js';
import { createWriter } from '../../src/io/write.js';
import { ROOT } from '../support/cli.js';
import { temporaryFolder } from './support.js';

const folder = temporaryFolder();
const [DIM, ROWS] = [128, 8192];

/** Reads a file in a process of its own and prints the peak of its memory in MB, and a checksum. */
const CHILD = `
import { readEmbeddings } from '${join(ROOT, 'dist/src/io/read-embeddings.js')}';
let sum = 0, rows = 0;
for await (const batch of readEmbeddings(process.argv[1])) { rows += batch.rows; sum += batch.data[0]; }
console.log(JSON.stringify({ rows, sum, peak: process.resourceUsage().maxRSS / 1024 }));
`;

async function peak(path: string): Promise<{ rows: number; peak: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', CHILD, path]);
  return JSON.parse(stdout);
}

/** Values that do not compress, so that every format has to carry them. */
function batch(seed: number) {
  let state = seed + 1;
  const data = Float32Array.from({ length: ROWS * DIM }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
  return new Table({ embedding: embeddingColumn({ data, rows: ROWS, dim: DIM }) }).batches[0];
}

async function table(path: string, batches: number): Promise<string> {
  const writer = createWriter(path);
  for (let i = 0; i < batches; i++) await writer.write(batch(i));
  await writer.close();
  return path;
}

function csv(path: string, rows: number): string {
  const file = openSync(path, 'w');
  writeSync(file, 'embedding,label\n');
  const line = `[${Array.from({ length: DIM }, (_, i) => Math.sin(i).toFixed(6)).join(' ')}],5\n`;
  for (let row = 0; row < rows; row++) writeSync(file, line);
  closeSync(file);
  return path;
}

function npy(path: string, rows: number): string {
  const file = openSync(path, 'w');
  const text = `${`{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${DIM}), }`.padEnd(117)}\n`;
  const head = Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(118, 0)}${text}`, 'latin1');
  writeSync(file, head);
  const part = new Uint8Array(DIM * 4 * 1000);
  for (let row = 0; row < rows; row += 1000) writeSync(file, part);
  closeSync(file);
  return path;
}

describe('reading', () => {
  const megabytes = (name: string) => statSync(folder.path(name)).size / 2 ** 20;

  // Of the bytes that are more, the collector may leave some lying, but not most; on a busy machine it comes late, but not again and again.
  it.each<[string, (name: string, times: number) => Promise<string> | string]>([
    ['.arrow', (name, times) => table(folder.path(name), 8 * times)],
    ['.arrows', (name, times) => table(folder.path(name), 8 * times)],
    ['.parquet', (name, times) => table(folder.path(name), 8 * times)],
    ['.csv', (name, times) => csv(folder.path(name), 20_000 * times)],
    ['.npy', (name, times) => npy(folder.path(name), 60_000 * times)],
  ])('%s holds a batch at a time, not the file', { retry: 2 }, async (ending, make) => {
    const small = await peak(await make(`small${ending}`, 2));
    const large = await peak(await make(`large${ending}`, 10));
    expect(large.rows).toBe(small.rows * 5);
    expect(large.peak - small.peak).toBeLessThan((megabytes(`large${ending}`) - megabytes(`small${ending}`)) / 4);
  });
});
