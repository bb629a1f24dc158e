import { DataType, makeBuilder, Utf8, type Vector, vectorFromArray } from 'apache-arrow';
import { UserError } from './errors.js';

/** Named Arrow columns of equal length that ride along with a batch (path, text, category, ...). */
export type Columns = Readonly<Record<string, Vector>>;

/** The rows `indices` of a column, in that order. Dictionary columns come out as plain values. */
export function takeRows(column: Vector, indices: ArrayLike<number>): Vector {
  const builder = makeBuilder({ type: plainType(column), nullValues: [null, undefined] });
  for (let i = 0; i < indices.length; i++) builder.append(column.get(indices[i]));
  return builder.finish().toVector();
}

/** Columns one below the other. @throws UserError when the parts do not have the same columns of the same types */
export function concatColumns(parts: readonly Columns[]): Columns {
  const names = Object.keys(parts[0] ?? {});
  for (const part of parts) {
    if (Object.keys(part).join() !== names.join()) {
      throw new UserError(`batches with different columns do not join: [${names}] and [${Object.keys(part)}]`);
    }
  }
  return Object.fromEntries(names.map((name) => [name, parts[0][name].concat(...parts.slice(1).map((part) => part[name]))]));
}

/** Equality of two columns value by value, null equal to null. */
export function columnsEqual(a: Vector, b: Vector): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (plain(a.get(i)) !== plain(b.get(i))) return false;
  return true;
}

/** A value as text for people and for keys of results: null is "(none)". */
export function textOf(value: unknown): string {
  return value === null || value === undefined ? '(none)' : typeof value === 'object' ? plain(value) : String(value);
}

function plain(value: unknown): string {
  return JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}n` : v)) ?? 'null';
}

/** A string column of values that may be null. */
export function textColumn(values: readonly (string | null)[]): Vector {
  return vectorFromArray(values, new Utf8());
}

/** The type of a column's values: that of its dictionary where it has one. */
function plainType({ type }: Vector): DataType {
  return DataType.isDictionary(type) ? type.dictionary : type;
}

/** Whether it is a column of strings, of whatever width, with a dictionary or without. */
export function holdsTexts(column: Vector): boolean {
  const type = plainType(column);
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type);
}

/** What two equal labels have in common: integers of every width are one kind, strings another; null is no label. */
export type Key = number | bigint | string | null;

/**
 * A reader of a label, category or sequence column as keys that compare with `===` across files: int32 1, int64 1 and a float column's 1
 * (as pandas writes integers beside missing values, NaN being null) are equal, and differ from the string "1".
 * @param place the file and its row at which the column starts, for messages
 * @throws UserError for a column of another type, and for a fraction among floats
 */
export function keysOf(column: Vector, name: string, place: { source: string; firstRow: number }): (row: number) => Key {
  const type = plainType(column);
  if (holdsTexts(column) || DataType.isNull(type)) {
    return (row) => column.get(row) as string | null;
  }
  if (DataType.isInt(type)) {
    return (row) => {
      const value = column.get(row) as number | bigint | null;
      return typeof value === 'bigint' && BigInt.asIntN(53, value) === value ? Number(value) : value;
    };
  }
  if (DataType.isFloat(type)) {
    return (row) => {
      const value = column.get(row) as number | null;
      if (value === null || Number.isNaN(value)) return null;
      if (!Number.isInteger(value)) {
        throw new UserError(
          `${place.source}, row ${place.firstRow + row}, column "${name}": ${value} is no label; labels are integers or strings`,
        );
      }
      return value + 0;
    };
  }
  throw new UserError(`${place.source}, column "${name}": type ${type} cannot be a label; labels are integers or strings`);
}

/** A reader of a flag column (booleans, or 1 and 0); null is false. @throws UserError for other types and values */
export function flagsOf(column: Vector, name: string, place: { source: string; firstRow: number }): (row: number) => boolean {
  if (DataType.isBool(column.type) || DataType.isNull(column.type)) return (row) => column.get(row) === true;
  if (DataType.isInt(column.type) || DataType.isFloat(column.type)) {
    return (row) => {
      const value = column.get(row);
      if (value === null || Number.isNaN(value)) return false;
      if (Number(value) !== 0 && Number(value) !== 1) {
        throw new UserError(
          `${place.source}, row ${place.firstRow + row}, column "${name}": ${value} is no flag; give true, false, 1 or 0`,
        );
      }
      return Number(value) === 1;
    };
  }
  throw new UserError(`${place.source}, column "${name}": type ${column.type} cannot be a flag; give booleans, or 1 and 0`);
}
