import type { Columns } from '../../data/columns.js';
import { UserError } from '../../data/errors.js';
import type { Picture } from '../../models/transforms/index.js';

/** The columns of a bounding box, in the order of a `Box`. */
export const BOX_COLUMNS = ['x_1', 'y_1', 'x_2', 'y_2'] as const;

/** A part of a picture in stored pixels; x2 and y2 are behind it. */
export type Box = readonly [x1: number, y1: number, x2: number, y2: number];

/**
 * The box in a row of a table; undefined where all four of its values are missing.
 * @throws UserError for half a box, and for values that are no whole numbers in order
 */
export function boxAt(columns: Columns, row: number): Box | undefined {
  const sides = BOX_COLUMNS.map((name) => {
    const value: unknown = columns[name]?.get(row) ?? null;
    return value === null || Number.isNaN(value) ? null : Number(value);
  });
  const absent = BOX_COLUMNS.filter((_, i) => sides[i] === null);
  if (absent.length === BOX_COLUMNS.length) return undefined;
  if (absent.length > 0) throw new UserError(`its box has no ${absent.join(' and no ')}; give all of ${BOX_COLUMNS.join(', ')}, or none`);
  const box = sides as unknown as Box;
  const [x1, y1, x2, y2] = box;
  if (!box.every((side) => Number.isSafeInteger(side) && side >= 0)) {
    throw new UserError(`its box, ${told(box)}, is not in whole pixels of 0 or more`);
  }
  if (x1 >= x2 || y1 >= y2) throw new UserError(`its box, ${told(box)}, is empty; it needs x_1 < x_2 and y_1 < y_2`);
  return box;
}

/** @throws UserError when the box reaches outside the picture */
export function refuseOutside(box: Box | undefined, { width, height }: Pick<Picture, 'width' | 'height'>): void {
  if (box && (box[2] > width || box[3] > height)) {
    throw new UserError(`its box, ${told(box)}, reaches outside the picture of ${width} x ${height} pixels`);
  }
}

function told([x1, y1, x2, y2]: Box): string {
  return `x ${x1} to ${x2}, y ${y1} to ${y2}`;
}
