import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { UserError } from '../../data/errors.js';
import { errorCode } from '../../io/file.js';
import { bothWays, type ConvertedItem, type Converter } from './converter.js';

/** Endings of pictures, sounds and arrays. */
const ENDINGS = new Set(
  ['jpg', 'jpeg', 'png', 'webp', 'avif', 'tif', 'tiff', 'svg', 'gif', 'wav', 'flac', 'mp3', 'ogg', 'npy'].map((ending) => `.${ending}`),
);

/**
 * A folder with a folder for each label, whose pictures, sounds and arrays are its items, also in folders beneath. All are queries, and all are in the
 * gallery. Items are in the order of their paths; hidden files are passed over.
 */
export const convertFolder: Converter = async (folder) => {
  const paths: string[] = [];
  for await (const path of filesIn(folder)) paths.push(path);
  paths.sort();
  const items: ConvertedItem[] = [];
  let [loose, other] = [0, 0];
  for (const path of paths) {
    const [label, ...rest] = path.split('/');
    if (rest.length === 0) loose++;
    else if (ENDINGS.has(extname(path).toLowerCase())) items.push(bothWays(true, { label, path }));
    else other++;
  }
  if (items.length === 0)
    throw new UserError(`${folder}: no folder in it holds a picture, a sound or an array (${[...ENDINGS].join(', ')})`);
  const remarks = [[loose, 'files in no folder of a label'] as const, [other, 'files that are no pictures, sounds or arrays'] as const];
  return { items, remarks: remarks.filter(([count]) => count > 0).map(([count, what]) => `${what}, left out: ${count}`) };
};

/** Paths of the files in a folder and those beneath, without hidden ones. */
async function* filesIn(folder: string, prefix = ''): AsyncGenerator<string, void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    throw new UserError(`${folder}: cannot be read as a folder (${errorCode(error)})`);
  });
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) yield* filesIn(join(folder, entry.name), `${prefix}${entry.name}/`);
    else yield prefix + entry.name;
  }
}
