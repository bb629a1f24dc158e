import { type ItemTable, sourceRow } from './item-table.js';

/** Where something stands, as messages begin: `items.csv, row 3, column "label"`. */
export function place(items: ItemTable, row: number | undefined, column: string | undefined): string {
  return `${items.source}${row === undefined ? '' : `, row ${sourceRow(items, row)}`}${column === undefined ? '' : `, column "${column}"`}`;
}
