import { resolve } from 'node:path';
import { UserError } from '../data/errors.js';
import { place } from './check-place.js';
import { columnNamed, type ItemTable } from './item-table.js';

/**
 * Does something with the file of an item.
 * @throws UserError when the item has no path; as `work` does, with the item and its file before the message: `items.csv, row 3: sounds/a.wav: ...`
 */
export type WithItemFile = <T>(row: number, work: (path: string) => Promise<T>) => Promise<T>;

/**
 * The files in the column `path`.
 * @param root folder that relative paths start from
 * @throws UserError when there is no such column
 */
export function itemFiles(items: ItemTable, root: string): WithItemFile {
  const column = columnNamed(items, 'path');
  return async (row, work) => {
    const given: unknown = column.get(row);
    if (typeof given !== 'string' || given === '') throw new UserError(`${place(items, row, 'path')}: no path`);
    try {
      return await work(resolve(root, given));
    } catch (error) {
      throw error instanceof UserError ? new UserError(`${place(items, row, undefined)}: ${given}: ${error.message}`) : error;
    }
  };
}
