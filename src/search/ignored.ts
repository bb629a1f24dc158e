import type { GalleryItems } from '../data/gallery-items.js';
import type { Ignored } from './searcher.js';

/** How many gallery rows query q ignores, at most: those of its sequence, and its own. */
export function ignoredCount(gallery: GalleryItems, { self, sequence }: Ignored, q: number): number {
  const same = sequence ? (gallery.sequences?.count(sequence[q]) ?? 0) : 0;
  return same + (self && self[q] >= 0 ? 1 : 0);
}

/** Whether a gallery row may not be a result of query q. */
export function isIgnored(gallery: GalleryItems, { self, sequence }: Ignored, q: number, row: number): boolean {
  return row === self?.[q] || (sequence !== undefined && sequence[q] >= 0 && gallery.sequences?.codes[row] === sequence[q]);
}
