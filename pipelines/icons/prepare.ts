import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { assertAllWritable, writeText } from '../files.js';
import { type Icon, validationIcons } from './dataset.js';

export interface PreparedIcons {
  /** The table of items: CSV, in the retrieval format. */
  readonly items: string;
  /** Folder that the table's paths start from. */
  readonly picturesRoot: string;
}

/**
 * Makes the table that the evaluation starts from, `items.csv`.
 * @param outFolder an existing folder
 * @throws UserError when the table cannot be written
 */
export async function prepareIcons(outFolder: string): Promise<PreparedIcons> {
  const items = join(outFolder, 'items.csv');
  await assertAllWritable(items);
  const { icons, picturesRoot } = validationIcons();
  await writeText(items, iconTable(icons));
  return { items, picturesRoot };
}

/** The icons in the retrieval format, one row a drawing: those that take no part in the search stand outside of the validation split, without a role. */
export function iconTable(icons: readonly Icon[]): string {
  const rows = icons.map(({ id, label, category, path, isQuery, isGallery }) => {
    const takesPart = isQuery || isGallery;
    const roles = takesPart ? { is_query: Number(isQuery), is_gallery: Number(isGallery) } : {};
    return { id, label, category, path, split: takesPart ? 'validation' : 'train', ...roles };
  });
  return stringify(rows, { header: true, columns: ['id', 'label', 'category', 'path', 'split', 'is_query', 'is_gallery'] });
}
