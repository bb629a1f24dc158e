import { DataType } from 'apache-arrow';
import { UserError } from '../../data/errors.js';
import type { ItemTable } from '../item-table.js';

/**
 * A reader of the column `start_time`: where in its file a sound begins, in seconds; 0 where it is empty, or where there is no such column.
 * @throws UserError for a column that holds no numbers, and for the first time that is negative or infinite
 */
export function startTimes({ source, size, columns }: ItemTable): (row: number) => number {
  const column = columns.start_time;
  if (!column || DataType.isNull(column.type)) return () => 0;
  if (!DataType.isFloat(column.type) && !DataType.isInt(column.type)) {
    throw new UserError(`${source}, column "start_time": type ${column.type}; give seconds, as numbers`);
  }
  const times = Float64Array.from({ length: size }, (_, row) => {
    const value: number | bigint | null = column.get(row);
    // pandas writes NaN for a number that is missing.
    return value === null || Number.isNaN(value) ? 0 : Number(value);
  });
  const row = times.findIndex((time) => !(time >= 0 && time < Number.POSITIVE_INFINITY));
  if (row >= 0) throw new UserError(`${source}, row ${row}, column "start_time": ${times[row]}; give seconds, 0 or more`);
  return (row) => times[row];
}
