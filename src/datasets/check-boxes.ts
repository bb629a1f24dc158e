import { type Checked, type Found, type Rule, shown } from './check-rule.js';
import { BOX, numberOf } from './format.js';
import type { ItemTable } from './item-table.js';

type Side = (typeof BOX)[number];
type Sides = Readonly<Record<Side, number | null | undefined>>;

/** The box of a row: in pixels, null where nothing is given, undefined for what is no number. */
export function sidesOf(items: ItemTable, row: number): Sides {
  const side = (name: Side) => (items.columns[name] ? numberOf(items.columns[name].get(row)) : null);
  return { x_1: side('x_1'), x_2: side('x_2'), y_1: side('y_1'), y_2: side('y_2') };
}

export const boxesWhole: Rule = {
  name: 'boxes-whole',
  says: 'a row has a whole box, or none',
  check: eachBox((sides, row, found) => {
    const missing = BOX.filter((name) => sides[name] === null);
    if (missing.length < BOX.length) for (const name of missing) found(row, name, 'it is empty, but other sides of the box are given');
  }),
};

export const boxesInteger: Rule = {
  name: 'boxes-integer',
  says: 'boxes are whole pixels',
  check: eachBox((sides, row, found, items) => {
    for (const name of BOX) {
      const side = sides[name];
      if (side !== null && !Number.isSafeInteger(side))
        found(row, name, `${shown(items.columns[name].get(row))} is no whole number of pixels`);
    }
  }),
};

export const boxesNotNegative: Rule = {
  name: 'boxes-not-negative',
  says: 'boxes are not negative',
  check: eachBox((sides, row, found) => {
    for (const name of BOX) if (Number(sides[name]) < 0) found(row, name, `${sides[name]} is negative`);
  }),
};

export const boxesOrdered: Rule = {
  name: 'boxes-ordered',
  says: 'x_1 < x_2 and y_1 < y_2',
  check: eachBox((sides, row, found) => {
    for (const [low, high] of [['x_1', 'x_2'] as const, ['y_1', 'y_2'] as const]) {
      const [a, b] = [sides[low], sides[high]];
      if (typeof a === 'number' && typeof b === 'number' && a >= b) found(row, high, `${b} is not above ${low} = ${a}`);
    }
  }),
};

/** Whether a row has a box that the rules of this file have nothing against. */
export function isBox(sides: Sides): sides is Readonly<Record<Side, number>> {
  const { x_1, x_2, y_1, y_2 } = sides;
  return (
    BOX.every((name) => Number.isSafeInteger(sides[name]) && Number(sides[name]) >= 0) &&
    Number(x_1) < Number(x_2) &&
    Number(y_1) < Number(y_2)
  );
}

function eachBox(visit: (sides: Sides, row: number, found: Found, items: ItemTable) => void) {
  return ({ items }: Checked, found: Found) => {
    if (BOX.every((name) => name in items.columns))
      for (let row = 0; row < items.size; row++) visit(sidesOf(items, row), row, found, items);
  };
}
