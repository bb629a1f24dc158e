import { isAbsolute, join } from 'node:path';
import { UserError } from '../data/errors.js';
import type { ItemTable } from './item-table.js';

/** The file of one item. */
export interface ItemFile {
  /** Where it is. */
  readonly path: string;
  /** The item and its file, for messages: `items.csv, row 3: sounds/a.wav`. */
  readonly where: string;
}

/**
 * A reader of the column `path`.
 * @param root folder that relative paths start from
 * @throws UserError when there is no such column; when it is asked for a row without a path
 */
export function itemFiles({ source, columns }: ItemTable, root: string): (row: number) => ItemFile {
  const column = columns.path;
  if (!column) throw new UserError(`${source}: no column "path", which says where the file of an item is`);
  return (row) => {
    const given: unknown = column.get(row);
    if (typeof given !== 'string' || given === '') throw new UserError(`${source}, row ${row}, column "path": no path`);
    return { path: isAbsolute(given) ? given : join(root, given), where: `${source}, row ${row}: ${given}` };
  };
}

/** What comes of reading an item. @throws UserError as `work` does, with the item and its file before the message */
export async function readItem<T>({ path, where }: ItemFile, work: (path: string) => Promise<T>): Promise<T> {
  try {
    return await work(path);
  } catch (error) {
    throw error instanceof UserError ? new UserError(`${where}: ${error.message}`) : error;
  }
}
