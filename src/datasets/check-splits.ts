import type { Key } from '../data/columns.js';
import { didYouMean } from '../data/errors.js';
import { each, type Rule, shown } from './check-rule.js';
import { FLAGS, flagOf, keyOf, SPLITS } from './format.js';
import type { ItemTable } from './item-table.js';

export const splits: Rule = {
  name: 'splits',
  says: `every row has a split: ${SPLITS.join(' or ')}`,
  check: ({ items }, found) =>
    each(items, 'split', (value, row) => {
      if (value === null || value === '') found(row, 'split', `there is no split; give ${SPLITS.join(' or ')}`);
      else if (!(SPLITS as readonly unknown[]).includes(value))
        found(row, 'split', `${shown(value)} is no split; give ${SPLITS.join(' or ')}${didYouMean(String(value), SPLITS)}`);
    }),
};

export const flags: Rule = {
  name: 'flags',
  says: 'is_query and is_gallery are booleans, 1 and 0, or empty',
  check({ items }, found) {
    for (const name of FLAGS) {
      each(items, name, (value, row) => {
        if (flagOf(value) === undefined) found(row, name, `${shown(value)} is no flag; give True, False, 1 or 0`);
      });
    }
  },
};

export const trainFlags: Rule = {
  name: 'train-flags',
  says: 'is_query and is_gallery are empty in train',
  check({ items }, found) {
    for (const name of FLAGS) {
      each(items, name, (value, row) => {
        if (splitOf(items, row) === 'train' && typeof flagOf(value) === 'boolean')
          found(row, name, `${shown(value)} in a row of train, where it must be empty`);
      });
    }
  },
};

export const validationFlags: Rule = {
  name: 'validation-flags',
  says: 'is_query and is_gallery are given in validation',
  check({ items }, found) {
    for (const name of FLAGS) {
      each(items, name, (value, row) => {
        if (splitOf(items, row) === 'validation' && flagOf(value) === null) found(row, name, 'it is empty in a row of validation');
      });
    }
  },
};

export const validationRole: Rule = {
  name: 'validation-role',
  says: 'a row of validation is a query, in the gallery, or both',
  check: ({ items }, found) =>
    each(items, 'is_query', (value, row) => {
      if (splitOf(items, row) === 'validation' && flagOf(value) === false && flagOf(items.columns.is_gallery?.get(row)) === false)
        found(row, 'is_query', 'this row of validation is neither a query nor in the gallery');
    }),
};

export const queryLabels: Rule = {
  name: 'query-labels',
  says: 'the label of every query occurs in the gallery',
  check({ items }, found) {
    const { label, is_gallery: isGallery } = items.columns;
    if (!label || !isGallery) return;
    const gallery = new Set<Key | undefined>();
    each(items, 'label', (value, row) => {
      if (flagOf(isGallery.get(row)) === true) gallery.add(keyOf(value));
    });
    each(items, 'is_query', (value, row) => {
      if (flagOf(value) !== true) return;
      const key = keyOf(label.get(row));
      if (key !== null && key !== undefined && !gallery.has(key)) found(row, 'label', `no item of the gallery has the label ${shown(key)}`);
    });
  },
};

function splitOf(items: ItemTable, row: number): unknown {
  return items.columns.split?.get(row);
}
