import { rowsWithin } from '../data/postings.js';
import type { PairBlock, PairGallery } from './pair-block.js';

/** Kinds of pairs of a query and a gallery row. */
export const NEGATIVE = 0;
export const POSITIVE = 1;
export const IGNORED = 2;
export const KINDS = 3;

/** The kind of every gallery row, a byte each, for one query at a time. Between queries it is what it is for most: negative, or ignored without a label. */
export class PairKinds {
  readonly #usual: Uint8Array;

  constructor(
    private readonly gallery: PairGallery,
    /** Where the kinds stand; filled here. */
    readonly kinds: Uint8Array = new Uint8Array(gallery.size),
  ) {
    this.#usual = new Uint8Array(gallery.size).fill(IGNORED);
    for (const row of gallery.labels.rows) this.#usual[row] = NEGATIVE;
    kinds.set(this.#usual);
  }

  /** Runs `use` while the kinds of the rows [start, end) are those of a query with a label. */
  during(block: PairBlock, q: number, start: number, end: number, use: (kinds: Uint8Array) => void): void {
    const { labels, sequences } = this.gallery;
    const same = rowsWithin(labels, block.labels[q], start, end);
    const sequence = sequences && block.sequences && rowsWithin(sequences, block.sequences[q], start, end);
    const own = block.self?.[q] ?? -1;
    const self = own >= start && own < end ? own : -1;
    for (const row of same) this.kinds[row] = POSITIVE;
    for (const row of sequence ?? []) this.kinds[row] = IGNORED;
    if (self >= 0) this.kinds[self] = IGNORED;
    use(this.kinds);
    for (const row of same) this.kinds[row] = this.#usual[row];
    for (const row of sequence ?? []) this.kinds[row] = this.#usual[row];
    if (self >= 0) this.kinds[self] = this.#usual[self];
  }
}
