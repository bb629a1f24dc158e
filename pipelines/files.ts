import { rename, rm, writeFile } from 'node:fs/promises';
import { assertWritable } from '../src/io/write.js';

/** Finds out before the long work whether every output can be written. @throws UserError for the first that cannot */
export async function assertAllWritable(...paths: readonly (string | undefined)[]): Promise<void> {
  for (const path of paths) if (path !== undefined && path !== '-') await assertWritable(path);
}

/** Writes a text file under a temporary name, then renames it: a reader never sees half of it. */
export async function writeText(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
