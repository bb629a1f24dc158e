import { type Checked, each, type Found, type Rule, shown } from './check-rule.js';
import { canHoldTexts, numberOf } from './format.js';
import { leavesRoot } from './format-paths.js';

const CONTENT = ['path', 'text'] as const;

export const contentTypes: Rule = {
  name: 'content-types',
  says: 'path and text hold texts, not numbers',
  check({ items }, found) {
    for (const name of CONTENT) {
      const column = items.columns[name];
      if (column && !canHoldTexts(column))
        found(undefined, name, `it holds values of type ${column.type}, such as ${shown(column.get(0))}; it must hold texts`);
    }
  },
};

export const content: Rule = {
  name: 'content',
  says: 'every row has a path or a text',
  check: missing((empty, there) => empty === there),
};

export const allContent: Rule = {
  name: 'all-content',
  says: 'where a table has both, path and text, every row has both',
  check: missing((empty, there) => empty < there),
};

/** Tells of empty paths and texts in rows where so many of the columns that are there are empty. */
function missing(tells: (empty: number, there: number) => boolean) {
  return ({ items }: Checked, found: Found) => {
    const there = CONTENT.filter((name) => name in items.columns);
    for (let row = 0; row < items.size; row++) {
      const empty = there.filter((name) => isEmpty(items.columns[name].get(row)));
      if (empty.length > 0 && tells(empty.length, there.length)) for (const name of empty) found(row, name, `the ${name} is empty`);
    }
  };
}

export const pathsInside: Rule = {
  name: 'paths-inside',
  says: 'paths stay inside the root folder',
  check: ({ items, root }, found) =>
    each(items, 'path', (path, row) => {
      if (typeof path === 'string' && leavesRoot(root, path))
        found(row, 'path', `${shown(path)} lies outside of the root folder; give paths inside of it, or another --root`);
    }),
};

export const startTimes: Rule = {
  name: 'start-times',
  says: 'start_time is a number of seconds, not negative, or empty',
  check: ({ items }, found) =>
    each(items, 'start_time', (value, row) => {
      const seconds = numberOf(value);
      if (seconds !== null && !(Number(seconds) >= 0 && Number(seconds) < Number.POSITIVE_INFINITY))
        found(row, 'start_time', `${shown(value)} is no number of seconds from the start`);
    }),
};

function isEmpty(value: unknown): boolean {
  return value === null || value === '';
}
