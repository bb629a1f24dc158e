import { Table } from 'apache-arrow';
import type { Columns } from '../../src/data/columns.js';
import type { ItemTable } from '../../src/datasets/item-table.js';

/** A table of items in memory. */
export function itemTable(columns: Columns, source = 'items.csv'): ItemTable {
  const table = new Table(columns);
  return { source, size: table.numRows, columns, table };
}
