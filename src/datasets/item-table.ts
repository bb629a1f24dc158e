import type { Table } from 'apache-arrow';
import type { Columns } from '../data/columns.js';

/** A table of items in the retrieval format, in memory: what it refers to (pictures, sounds) is not. */
export interface ItemTable {
  /** The path, for messages. */
  readonly source: string;
  readonly size: number;
  readonly columns: Columns;
  readonly table: Table;
}
