import { Bool, DataType, Float64, Int32, Int64, type Vector, vectorFromArray } from 'apache-arrow';
import { takeRows } from '../data/columns.js';
import { didYouMean, UserError } from '../data/errors.js';
import { readWhole } from '../io/whole.js';
import { place } from './check-place.js';
import { OPENING_RULES } from './check-rules.js';
import { BOX, FLAGS, flagOf, keyOf, numberOf } from './format.js';
import { itemsRoot } from './format-paths.js';
import { type ItemTable, itemTable, sourceRow } from './item-table.js';

/**
 * Reads a table in the retrieval format as it stands: CSV, TSV, Parquet or Arrow. Where all of their values allow it, `is_query` and `is_gallery` become
 * Bool, the box Int32, `start_time` Float64, and labels that pandas wrote as floats Int64; every column can have nulls. Nothing else is checked: see
 * `checkItems`.
 * @param source what messages call the table (default: its path)
 * @throws UserError as `readTable` does
 */
export async function readItems(file: string, source = file === '-' ? 'stdin' : file): Promise<ItemTable> {
  const table = await readWhole(file, { text: ['path'] });
  return itemTable(source, Object.fromEntries(table.schema.fields.map(({ name }) => [name, canonical(name, table.getChild(name)!)])));
}

/**
 * Reads a table of items and refuses what would make an extraction or its evaluation wrong; whether files are there is found out when they are loaded.
 * @param options.root folder that paths must not leave (default: the table's own)
 * @param options.source what messages call the table (default: its path)
 * @throws UserError naming row and column of the first violation, for a root that is no folder, and as `readTable` does
 * @example const items = validationItems(await openItems('items.csv'));
 */
export async function openItems(file: string, options: { readonly root?: string; readonly source?: string } = {}): Promise<ItemTable> {
  const items = await readItems(file, options.source);
  const root = await itemsRoot(file, options.root);
  for (const rule of OPENING_RULES) {
    rule.check({ items, root }, (row, column, message) => {
      throw new UserError(`${place(items, row, column)}: ${message}`);
    });
  }
  return items;
}

/**
 * The items of a split: by default those of `validation` where the table has a column `split`, else all.
 * @throws UserError naming the splits there are, when there are none of this one
 */
export function validationItems(items: ItemTable, split?: string): ItemTable {
  const column = items.columns.split;
  if (!column) {
    if (split === undefined) return items;
    throw new UserError(`${items.source}: no column "split", of which to take "${split}"`);
  }
  const wanted = split ?? 'validation';
  const rows: number[] = [];
  const names = new Set<string>();
  for (let row = 0; row < items.size; row++) {
    const name = column.get(row);
    if (name === wanted) rows.push(row);
    if (name !== null) names.add(String(name));
  }
  if (rows.length === 0) {
    const there = names.size === 0 ? 'none' : [...names].join(', ');
    throw new UserError(`${items.source}: no item of the split "${wanted}" (there are: ${there})${didYouMean(wanted, names)}`);
  }
  if (rows.length === items.size) return items;
  const columns = Object.entries(items.columns).map(([name, values]) => [name, takeRows(values, rows)]);
  return itemTable(items.source, Object.fromEntries(columns), {
    rows: Int32Array.from(rows, (row) => sourceRow(items, row)),
    of: items.part?.of ?? items.size,
  });
}

/** A column in the type that its name asks for; as it is where a value does not allow it. */
function canonical(name: string, column: Vector): Vector {
  const all = <T>(read: (value: unknown) => T | null | undefined, type: DataType): Vector => {
    const values = Array.from(column, read);
    return values.includes(undefined) ? column : vectorFromArray(values, type);
  };
  if (has(FLAGS, name) && !DataType.isBool(column.type)) return all(flagOf, new Bool());
  if (has(BOX, name)) return all(pixelOf, new Int32());
  if (name === 'start_time') return all(numberOf, new Float64());
  // Integers beside missing values are floats to pandas.
  if (name === 'label' && DataType.isFloat(column.type)) return all(integerOf, new Int64());
  return column;
}

function pixelOf(value: unknown): number | null | undefined {
  const n = numberOf(value);
  return typeof n !== 'number' || (n | 0) === n ? n : undefined;
}

function integerOf(value: unknown): bigint | null | undefined {
  const key = keyOf(value);
  return typeof key === 'number' ? BigInt(key) : key === null ? null : undefined;
}

function has(names: readonly string[], name: string): boolean {
  return names.includes(name);
}
