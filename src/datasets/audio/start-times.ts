import { UserError } from '../../data/errors.js';
import { place } from '../check-place.js';
import { numberOf } from '../format.js';
import type { ItemTable } from '../item-table.js';

/**
 * A reader of the column `start_time`: where in its file a sound begins, in seconds; 0 where it is empty, or where there is no such column.
 * @throws UserError for the first that is no number, negative or infinite
 */
export function startTimes(items: ItemTable): (row: number) => number {
  const column = items.columns.start_time;
  if (!column) return () => 0;
  const times = Float64Array.from({ length: items.size }, (_, row) => {
    const value: unknown = column.get(row);
    const time = numberOf(value);
    if (time === null) return 0;
    if (time !== undefined && time >= 0 && time < Number.POSITIVE_INFINITY) return time;
    throw new UserError(`${place(items, row, 'start_time')}: ${value} is no time; give seconds, 0 or more`);
  });
  return (row) => times[row];
}
