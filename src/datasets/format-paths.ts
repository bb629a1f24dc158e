import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { UserError } from '../data/errors.js';
import { unreadable } from '../io/file.js';

/**
 * Folder that relative paths of a table start from: the one that was given, or the table's own.
 * @param source path of the table, `-` for stdin
 * @throws UserError when it is no folder
 */
export async function itemsRoot(source: string, root = source === '-' ? '.' : dirname(source)): Promise<string> {
  const at = await stat(root).catch(async (error) => {
    throw await unreadable(root, error, 'folder');
  });
  if (!at.isDirectory()) throw new UserError(`${root}: is a file; give the folder that the paths of items begin from`);
  return resolve(root);
}

/** Whether a path of an item leaves the root: by `..`, or as an absolute path to elsewhere. Links in the file system are not followed. */
export function leavesRoot(root: string, path: string): boolean {
  if (!isAbsolute(path) && !path.includes('..')) return false;
  const inside = relative(root, resolve(root, path));
  return inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
}
