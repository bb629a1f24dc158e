import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';

/** Folder that relative paths of a table start from: the one that was given, or the table's own. @param source path of the table, `-` for stdin */
export function itemsRoot(source: string, root?: string): string {
  return resolve(root ?? (source === '-' ? '.' : dirname(source)));
}

/** Whether a path of an item leaves the root: by `..`, or as an absolute path to elsewhere. Links in the file system are not followed. */
export function leavesRoot(root: string, path: string): boolean {
  if (!isAbsolute(path) && !path.includes('..')) return false;
  const inside = relative(root, resolve(root, path));
  return inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
}
