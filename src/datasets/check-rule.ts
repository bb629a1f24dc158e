import type { ItemTable } from './item-table.js';

/** What is checked. */
export interface Checked {
  readonly items: ItemTable;
  /** Absolute path of the folder that the paths of items start from, and must not leave. */
  readonly root: string;
}

/** Tells of a violation: its row in the table and its column, where it has them. */
export type Found = (row: number | undefined, column: string | undefined, message: string) => void;

/** A rule of the format. */
export interface Rule {
  readonly name: string;
  /** What must hold, for people. */
  readonly says: string;
  /** It is only warned of. */
  readonly warns?: true;
  check(checked: Checked, found: Found): void;
}

/** Every value of a column with its row; nothing where there is no such column. */
export function each({ columns, size }: ItemTable, name: string, visit: (value: unknown, row: number) => void): void {
  const column = columns[name];
  if (column) for (let row = 0; row < size; row++) visit(column.get(row), row);
}

/** A value in a message: a text in quotes. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
