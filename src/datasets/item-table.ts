import { Table, type Vector } from 'apache-arrow';
import type { Columns } from '../data/columns.js';
import { didYouMean, UserError } from '../data/errors.js';

/** A table of items in the retrieval format, in memory: what it refers to (pictures, sounds) is not. */
export interface ItemTable {
  /** The path, for messages. */
  readonly source: string;
  readonly size: number;
  readonly columns: Columns;
  readonly table: Table;
  /** Where this is a part of the source (the rows of a split): which. */
  readonly part?: ItemPart;
}

/** Some rows of a source. */
export interface ItemPart {
  /** The row of the source that each row is. */
  readonly rows: Int32Array;
  /** The number of rows of the source. */
  readonly of: number;
}

/** A table of items from its columns, which have one length. */
export function itemTable(source: string, columns: Columns, part?: ItemPart): ItemTable {
  const table = new Table(columns);
  return { source, size: table.numRows, columns, table, part };
}

/** The row of the source that a row is, for messages: people look for it in their file. */
export function sourceRow({ part }: ItemTable, row: number): number {
  return part?.rows[row] ?? row;
}

/** @throws UserError, with the nearest name, for a column that is not there */
export function columnOf({ source, columns }: ItemTable, name: string): Vector {
  if (columns[name]) return columns[name];
  const names = Object.keys(columns);
  throw new UserError(`${source}: no column "${name}" (there are: ${names.join(', ')})${didYouMean(name, names)}`);
}
