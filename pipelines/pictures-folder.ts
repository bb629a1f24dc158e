import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { UserError } from '../src/data/errors.js';

/** The endings of files that are pictures, in any case. */
const PICTURES = ['.jpg', '.jpeg', '.png', '.webp', '.avif', '.tif', '.tiff', '.gif', '.svg'];

/**
 * The pictures of a folder and of those in it, as paths from it with `/`, in the order of their names (by code unit), which is the same on every machine.
 * @throws UserError where there is none
 */
export async function picturesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths: string[] = [];
  for (const entry of entries) {
    if (!PICTURES.some((ending) => entry.name.toLowerCase().endsWith(ending))) continue;
    const path = join(entry.parentPath, entry.name);
    const isFile = entry.isSymbolicLink()
      ? await stat(path).then(
          (at) => at.isFile(),
          () => true,
        )
      : entry.isFile();
    if (isFile) paths.push(relative(folder, path).replaceAll(sep, '/'));
  }
  if (paths.length === 0) throw new UserError(`${folder}: no pictures in it (${PICTURES.join(', ')})`);
  return paths.sort((a, b) => (a < b ? -1 : 1));
}
