import { DataType, type Vector } from 'apache-arrow';
import { holdsTexts, type Key } from '../data/columns.js';
import { number } from '../io/csv-list.js';

/** Columns that every table of labelled items has; beside them it has `path` or `text`. */
export const OBLIGATORY = ['label', 'split', 'is_query', 'is_gallery'] as const;
/** A box: left, right, upper and lower edge in pixels of the stored picture; right and lower edge lie outside. */
export const BOX = ['x_1', 'x_2', 'y_1', 'y_2'] as const;
export const FLAGS = ['is_query', 'is_gallery'] as const;
export const SPLITS = ['train', 'validation'] as const;

/** Every column that has a meaning; others ride along. */
export const KNOWN = [...OBLIGATORY, 'path', 'text', 'category', 'sequence', ...BOX, 'start_time', 'id', 'embedding'] as const;

// What follows reads one value of a column as it may come from CSV, Parquet or Arrow: null where there is none, undefined where it is something else.

/** A flag: booleans, 1 and 0, or either as text (`True`, `1.0`), as pandas writes them. */
export function flagOf(value: unknown): boolean | null | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(true|false)$/i.test(value)) return value.length === 4;
  const n = numberOf(value);
  return n === null || n === undefined ? n : n === 1 ? true : n === 0 ? false : undefined;
}

/** A number; NaN is how pandas writes that there is none. */
export function numberOf(value: unknown): number | null | undefined {
  if (value === null || value === '') return null;
  if (typeof value === 'bigint') return Number(value);
  const n = typeof value === 'string' ? number(value) : value;
  return typeof n !== 'number' ? undefined : Number.isNaN(n) ? null : n;
}

/** A label, category or sequence: integers of every type are one kind, texts another. */
export function keyOf(value: unknown): Key | undefined {
  if (typeof value === 'string') return value === '' ? null : value;
  const n = numberOf(value);
  if (typeof n !== 'number') return n;
  if (!Number.isInteger(n)) return undefined;
  return typeof value === 'bigint' && !Number.isSafeInteger(n) ? value : n + 0;
}

/** Whether a column can hold texts: one without a value has no other type. */
export function canHoldTexts(column: Vector): boolean {
  return holdsTexts(column) || DataType.isNull(column.type);
}
