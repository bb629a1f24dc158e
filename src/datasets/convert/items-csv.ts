import { stringify } from 'csv-stringify/sync';
import type { ConvertedItem } from './converter.js';

/** Items as CSV in the retrieval format; booleans as pandas writes them. */
export function itemsCsv(items: readonly ConvertedItem[]): string {
  const some = (has: (item: ConvertedItem) => unknown) => items.some((item) => has(item) !== undefined);
  const columns = [
    'label',
    'path',
    'split',
    'is_query',
    'is_gallery',
    ...(some(({ category }) => category) ? ['category'] : []),
    ...(some(({ box }) => box) ? ['x_1', 'x_2', 'y_1', 'y_2'] : []),
  ];
  const rows = items.map(({ label, path, split, isQuery, isGallery, category, box }) => ({
    label,
    path,
    split,
    is_query: isQuery,
    is_gallery: isGallery,
    category,
    ...(box && { x_1: box[0], y_1: box[1], x_2: box[2], y_2: box[3] }),
  }));
  return stringify(rows, { header: true, columns, cast: { boolean: (value) => (value ? 'True' : 'False') } });
}
