import { Table, Vector, vectorFromArray } from 'apache-arrow';
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

/** Columns as plain values: strings, numbers, booleans or bigints, and null. */
export type PlainColumns = Readonly<Record<string, readonly unknown[] | Vector>>;

/**
 * A table of items from plain values; Arrow columns stay as they are.
 * @param source for messages
 * @example itemsFrom({ label: ['cat', 'dog', 'cat'], is_query: [true, true, false], is_gallery: [false, true, true] })
 * @throws UserError for columns of different lengths, and for one of values of several types
 */
export function itemsFrom(columns: PlainColumns, source = 'memory'): ItemTable {
  const entries = Object.entries(columns).map(([name, values]) => [name, columnOf(values, name, source)] as const);
  const [first, ...others] = entries;
  const other = others.find(([, column]) => column.length !== first[1].length);
  if (other) throw new UserError(`${source}: column "${other[0]}" has ${other[1].length} values, but "${first[0]}" has ${first[1].length}`);
  return itemTable(source, Object.fromEntries(entries));
}

function columnOf(values: PlainColumns[string], name: string, source: string): Vector {
  if (values instanceof Vector) return values;
  const types = new Set(values.filter((value) => value !== null && value !== undefined).map((value) => typeof value));
  const [type = 'string'] = types;
  if (types.size > 1 || !['string', 'number', 'boolean', 'bigint'].includes(type))
    throw new UserError(
      `${source}, column "${name}": its values are of the types ${[...types].join(' and ')}; give strings, numbers, booleans or bigints`,
    );
  return vectorFromArray(values);
}

/** The row of the source that a row is, for messages: people look for it in their file. */
export function sourceRow({ part }: ItemTable, row: number): number {
  return part?.rows[row] ?? row;
}

/** @throws UserError, with the nearest name, for a column that is not there */
export function columnNamed({ source, columns }: ItemTable, name: string): Vector {
  if (columns[name]) return columns[name];
  const names = Object.keys(columns);
  throw new UserError(`${source}: no column "${name}" (there are: ${names.join(', ')})${didYouMean(name, names)}`);
}
