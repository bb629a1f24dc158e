import { rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UserError } from '../src/data/errors.js';
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

/** @throws UserError when a file stands twice in a list whose files are added up */
export function refuseTwice(paths: readonly string[]): void {
  const whole = paths.map((path) => resolve(path));
  const twice = paths.find((_, i) => whole.indexOf(whole[i]) < i);
  if (twice !== undefined) throw new UserError(`${twice}: given twice, so that its queries would count twice`);
}
