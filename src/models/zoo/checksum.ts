import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { writeAside } from '../../io/write-aside.js';

/** SHA-256 of a file, hexadecimal. */
export async function sha256Of(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, { signal });
  return hash.digest('hex');
}

/** The sum that was kept beside a file; undefined where there is none. */
export async function keptSum(file: string): Promise<string | undefined> {
  const text = await readFile(kept(file), 'utf8').catch(() => '');
  return /^[0-9a-f]{64}(?=\s)/.exec(text)?.[0];
}

/** Keeps the sum of a file beside it, as `sha256sum` writes and checks it. */
export async function keepSum(file: string, sum: string): Promise<void> {
  await writeAside(kept(file), `${sum}  ${basename(file)}\n`);
}

/** Where the sum of a file is kept. */
export function kept(file: string): string {
  return `${file}.sha256`;
}
