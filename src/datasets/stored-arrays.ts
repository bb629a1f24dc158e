import { resolve } from 'node:path';
import { UserError } from '../data/errors.js';
import { openNpyArray } from '../io/npy-array.js';
import { place } from './check-place.js';
import { itemFiles } from './item-files.js';
import { type ItemTable, sourceRow } from './item-table.js';

/** An item as it stands in its file. */
export interface StoredArray {
  /** Type of the numbers as numpy writes it: `<f4`. */
  readonly type: string;
  readonly shape: readonly number[];
  readonly bytes: ArrayBuffer;
}

/** Where the arrays of items are. */
export interface StoredArrays {
  /** Does something with an item. @throws UserError as `use` does, with the item and its file before the message */
  with<T>(row: number, use: (array: StoredArray) => T): Promise<T>;
  close(): Promise<void>;
}

/**
 * The arrays of a table's items: one npy file each, in the column `path`, or the rows of one file.
 * @param root folder that relative paths start from
 * @param file the one file, where there is one
 * @throws UserError for a table without paths; for a file that cannot be read, or has not a row for each item
 */
export async function storedArrays(items: ItemTable, root: string, file?: string): Promise<StoredArrays> {
  return file === undefined ? inFiles(items, root) : inRows(items, root, file);
}

function inFiles(items: ItemTable, root: string): StoredArrays {
  const withFile = itemFiles(items, root);
  return {
    with: (row, use) =>
      withFile(row, async (path) => {
        const array = await openNpyArray(path);
        try {
          const { type, shape } = array;
          return use({ type, shape, bytes: await array.read(0, sizeOf(shape)) });
        } finally {
          await array.close();
        }
      }),
    async close() {},
  };
}

async function inRows(items: ItemTable, root: string, file: string): Promise<StoredArrays> {
  const path = resolve(root, file);
  const array = await openNpyArray(path);
  const [rows, ...shape] = array.shape;
  const wanted = items.part?.of ?? items.size;
  if (rows !== wanted) {
    await array.close();
    throw new UserError(`${path}: an array of shape [${array.shape.join(', ')}] has no row for each of the ${wanted} of ${items.source}`);
  }
  const each = sizeOf(shape);
  return {
    async with(row, use) {
      try {
        return use({ type: array.type, shape, bytes: await array.read(sourceRow(items, row) * each, each) });
      } catch (error) {
        throw error instanceof UserError ? new UserError(`${place(items, row, undefined)}: ${file}: ${error.message}`) : error;
      }
    },
    close: () => array.close(),
  };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
