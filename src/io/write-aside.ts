import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A name that no other writer uses, in the folder of a file: hidden, and told to be unfinished by its ending. */
export function asideOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.tmp`);
}

/** Writes a small file aside, then renames it: a reader never sees half of it. @throws Error of the system; nothing is left behind */
export async function writeAside(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = asideOf(path);
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
