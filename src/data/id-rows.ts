import type { GalleryItems } from './gallery-items.js';

/** The gallery row of each id. */
export function idRows(gallery: GalleryItems): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  const ids = gallery.columns.id;
  for (let row = 0; row < gallery.size; row++) {
    const id = ids.get(row);
    if (id !== null) rows.set(String(id), row);
  }
  return rows;
}
