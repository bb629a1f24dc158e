import { Table } from 'apache-arrow';
import type { Columns } from '../data/columns.js';

/** A table of items in the retrieval format, in memory: what it refers to (pictures, sounds) is not. */
export interface ItemTable {
  /** The path, for messages. */
  readonly source: string;
  readonly size: number;
  readonly columns: Columns;
  readonly table: Table;
  /** Where this is a part of the source (the rows of a split): the row of the source that each row is. */
  readonly sourceRows?: Int32Array;
}

/** A table of items from its columns, which have one length. */
export function itemTable(source: string, columns: Columns, sourceRows?: Int32Array): ItemTable {
  const table = new Table(columns);
  return { source, size: table.numRows, columns, table, sourceRows };
}

/** The row of the source that a row is, for messages: people look for it in their file. */
export function sourceRow({ sourceRows }: ItemTable, row: number): number {
  return sourceRows?.[row] ?? row;
}
