import { resolve } from 'node:path';
import { firstLine, UserError } from '../src/data/errors.js';
import { errorCode } from '../src/io/file.js';
import { assertWritable } from '../src/io/write.js';
import { writeAside } from '../src/io/write-aside.js';

/** Finds out before the long work whether every output can be written. @throws UserError for the first that cannot */
export async function assertAllWritable(...paths: readonly (string | undefined)[]): Promise<void> {
  for (const path of paths) if (path !== undefined && path !== '-') await assertWritable(path);
}

/** Writes a text file, whole or not at all. @throws UserError when it cannot be written: the disk is full */
export async function writeText(path: string, text: string): Promise<void> {
  try {
    await writeAside(path, text);
  } catch (error) {
    throw new UserError(`${path}: cannot be written (${errorCode(error) ?? firstLine(error)})`);
  }
}

/** @throws UserError when a file stands twice in a list whose files are added up */
export function refuseTwice(paths: readonly string[]): void {
  const whole = paths.map((path) => resolve(path));
  const twice = paths.find((_, i) => whole.indexOf(whole[i]) < i);
  if (twice !== undefined) throw new UserError(`${twice}: given twice, so that its queries would count twice`);
}
