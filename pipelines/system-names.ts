import { dirname, relative, resolve, sep } from 'node:path';

/** A, B, ..., Z, AA, AB, ... */
export function systemLabel(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : systemLabel(Math.floor(index / 26) - 1) + letter;
}

/** Names of files that tell them apart, without what tells of a machine: their paths from the folder that all of them are in. */
export function systemNames(paths: readonly string[]): string[] {
  const files = paths.filter((path) => path !== '-').map((path) => resolve(path));
  let folder = dirname(files[0]);
  while (files.some((file) => relative(folder, file).split(sep)[0] === '..')) folder = dirname(folder);
  return paths.map((path) => (path === '-' ? 'stdin' : relative(folder, resolve(path))));
}
