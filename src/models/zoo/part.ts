import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';

/** What has arrived of a file. Every process has a part of its own, so that two that download the same file do not disturb each other. */
export interface Part {
  readonly file: string;
  /** Bytes that are there. */
  readonly size: number;
  /** The version that they are of: a strong ETag or a Last-Modified; without it there is nothing to go on with. */
  readonly validator?: string;
}

/** The part of this process, or that of one which is gone: it is taken over. */
export async function openPart(file: string): Promise<Part> {
  const own = `${stem(file)}${process.pid}-${threadId}`;
  const there = await stat(own).catch(() => undefined);
  if (!there) await takeOver(file, own);
  const { size } = there ?? (await stat(own).catch(() => ({ size: 0 })));
  const validator = await readFile(validatorOf(own), 'utf8').catch(() => undefined);
  return size > 0 && validator ? { file: own, size, validator } : { file: own, size: 0 };
}

/** Keeps the version of what is about to arrive. */
export async function beginPart({ file }: Part, validator: string | undefined): Promise<void> {
  if (validator === undefined) await rm(validatorOf(file), { force: true });
  else await writeFile(validatorOf(file), validator);
}

/** The part is whole, and becomes the file. */
export async function finishPart({ file: part }: Part, file: string): Promise<void> {
  await rename(part, file);
  await rm(validatorOf(part), { force: true });
}

export async function removePart({ file }: Part): Promise<void> {
  await rm(file, { force: true });
  await rm(validatorOf(file), { force: true });
}

const validatorOf = (part: string): string => `${part}.version`;

/** The name of parts up to the process: one on another machine, with which a folder may be shared, cannot be asked for. */
function stem(file: string): string {
  return `${file}.part-${hostname().replace(/[^\w.]/g, '_')}-`;
}

/** Of several processes that try, renaming lets one have it. */
async function takeOver(file: string, own: string): Promise<void> {
  const start = basename(stem(file));
  for (const name of await readdir(dirname(file))) {
    const [, process, thread] = (name.startsWith(start) && /^(\d+)-(\d+)$/.exec(name.slice(start.length))) || [];
    if (process === undefined || thread === undefined || runs(Number(process))) continue;
    const left = join(dirname(file), name);
    try {
      await rename(left, own);
    } catch {
      continue;
    }
    await rename(validatorOf(left), validatorOf(own)).catch(() => {});
    return;
  }
}

function runs(process_: number): boolean {
  try {
    process.kill(process_, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
