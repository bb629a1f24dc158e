import type { Columns } from '../../src/data/columns.js';
import { type ItemTable, itemTable as tableOf } from '../../src/datasets/item-table.js';

/** A table of items in memory. */
export function itemTable(columns: Columns, source = 'items.csv'): ItemTable {
  return tableOf(source, columns);
}
