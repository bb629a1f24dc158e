import { isAbsolute, join } from 'node:path';
import { UserError } from '../data/errors.js';
import type { ItemTable } from './item-table.js';

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
export function itemFiles({ source, columns }: ItemTable, root: string): WithItemFile {
  const column = columns.path;
  if (!column) throw new UserError(`${source}: no column "path", which says where the file of an item is`);
  return async (row, work) => {
    const given: unknown = column.get(row);
    if (typeof given !== 'string' || given === '') throw new UserError(`${source}, row ${row}, column "path": no path`);
    try {
      return await work(isAbsolute(given) ? given : join(root, given));
    } catch (error) {
      throw error instanceof UserError ? new UserError(`${source}, row ${row}: ${given}: ${error.message}`) : error;
    }
  };
}
