import { didYouMean } from '../data/errors.js';
import { type Checked, each, type Found, type Rule, shown } from './check-rule.js';
import { BOX, canHoldTexts, KNOWN, keyOf, numberOf, OBLIGATORY } from './format.js';
import { sourceRow } from './item-table.js';

export const rows: Rule = {
  name: 'rows',
  says: 'the table has rows',
  check({ items }, found) {
    if (items.size === 0) found(undefined, undefined, 'the table has no rows');
  },
};

export const columns: Rule = {
  name: 'columns',
  says: `there are the columns ${OBLIGATORY.join(', ')}, and path or text`,
  check({ items }, found) {
    const names = Object.keys(items.columns);
    const others = names.filter((name) => !isKnown(name));
    for (const name of OBLIGATORY) {
      if (!names.includes(name)) found(undefined, name, `there is no such column${didYouMean(name, others)}`);
    }
    if (!names.includes('path') && !names.includes('text')) {
      const hint = didYouMean('path', others) || didYouMean('text', others);
      found(undefined, 'path', `there is neither a column "path" nor "text"${hint}`);
    }
  },
};

export const boxColumns: Rule = {
  name: 'box-columns',
  says: `a table with boxes has all of ${BOX.join(', ')}`,
  check({ items }, found) {
    const missing = BOX.filter((name) => !(name in items.columns));
    if (missing.length < BOX.length) for (const name of missing) found(undefined, name, 'there is no such column, but others of the box');
  },
};

export const labels: Rule = { name: 'labels', says: 'labels are integers or texts', check: keys('label') };

export const sequences: Rule = { name: 'sequences', says: 'sequences are integers or texts', check: keys('sequence') };

function keys(column: string) {
  return ({ items }: Checked, found: Found) =>
    each(items, column, (value, row) => {
      if (keyOf(value) === undefined) found(row, column, `${shown(value)} is no ${column}; give integers or texts`);
    });
}

export const labelsGiven: Rule = {
  name: 'labels-given',
  says: 'every row has a label',
  check: ({ items }, found) =>
    each(items, 'label', (value, row) => {
      if (keyOf(value) === null) found(row, 'label', 'there is no label');
    }),
};

export const ids: Rule = {
  name: 'ids',
  says: 'ids, where there are any, are unique',
  check({ items }, found) {
    const seen = new Map<unknown, number>();
    each(items, 'id', (id, row) => {
      const before = seen.get(id);
      if (before !== undefined) found(row, 'id', `${shown(id)} stands also in row ${sourceRow(items, before)}`);
      else if (id !== null) seen.set(id, row);
    });
  },
};

export const textLabels: Rule = {
  name: 'text-labels',
  says: 'labels are integers, for OML (not here)',
  warns: true,
  check({ items }, found) {
    const { label } = items.columns;
    if (!label || !canHoldTexts(label)) return;
    const first = (wanted: (value: unknown) => boolean) => {
      for (let row = 0; row < items.size; row++) if (wanted(label.get(row))) return row;
      return undefined;
    };
    // Best the one that makes a text of all.
    const row = first((value) => numberOf(value) === undefined) ?? first((value) => value !== null);
    if (row !== undefined) found(row, 'label', `labels are texts, as ${shown(label.get(row))} is; OML takes integers only`);
  },
};

export const oneCategory: Rule = {
  name: 'one-category',
  says: 'all items of a label have one category',
  warns: true,
  check({ items }, found) {
    const { label, category } = items.columns;
    if (!label || !category) return;
    const first = new Map<unknown, { category: unknown; row: number } | undefined>();
    for (let row = 0; row < items.size; row++) {
      const key = keyOf(label.get(row));
      if (key === null || key === undefined) continue;
      const here = keyOf(category.get(row));
      if (!first.has(key)) first.set(key, { category: here, row });
      const before = first.get(key);
      if (!before || before.category === here) continue;
      found(
        row,
        'category',
        `label ${shown(key)} has the category ${shown(here)} here, but ${shown(before.category)} in row ${sourceRow(items, before.row)}`,
      );
      // Told once a label.
      first.set(key, undefined);
    }
  },
};

export const nearColumns: Rule = {
  name: 'near-columns',
  says: 'no column has a name that is nearly one of the format',
  warns: true,
  check({ items }, found) {
    const free = KNOWN.filter((name) => !(name in items.columns));
    for (const name of Object.keys(items.columns)) {
      const hint = isKnown(name) ? '' : didYouMean(name, free);
      if (hint) found(undefined, name, `it rides along without a meaning${hint}`);
    }
  },
};

function isKnown(name: string): boolean {
  return (KNOWN as readonly string[]).includes(name);
}
