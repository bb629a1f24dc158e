import type { EmbeddingBatch } from './embedding-batch.js';
import type { GalleryItems } from './gallery-items.js';

/** Which gallery rows are relevant to the queries of one batch. `query` is the position in the batch. */
export interface Relevance {
  /** Number of gallery rows whose gain is at least `level` (default 1). */
  count(query: number, level?: number): number;
  /** Gain of a gallery row; undefined when it was not judged. */
  gain(query: number, row: number): number | undefined;
  /** Number of judged rows. */
  judged(query: number): number;
  /** The relevant rows, ascending. */
  list(query: number, level?: number): Int32Array;
  /** Judgements are few, graded and incomplete: results carry all of them. Absent: gains are 0 or 1, and every row is judged. */
  readonly explicit?: boolean;
}

/** Whether a gallery row does not count for a query, neither in results nor in ground truth: the same item, or an item of the same sequence. */
export function ignoredRows(
  { sequences }: Pick<GalleryItems, 'sequences'>,
  queries: EmbeddingBatch,
): (query: number, row: number) => boolean {
  const keyOf = sequences && queries.keys('sequence');
  const sequence = keyOf && Int32Array.from({ length: queries.rows }, (_, q) => sequences.code(keyOf(q)));
  const codes = sequences?.codes;
  return (q, row) => row === queries.self?.[q] || (sequence !== undefined && sequence[q] >= 0 && codes?.[row] === sequence[q]);
}

/**
 * Relevance from labels: a gallery row is relevant when its label equals the query's, unless it is ignored for that query: the same item, or an
 * item of the same sequence. Nothing is listed unless asked: counts come from label postings, so 1.2 billion relevant pairs cost nothing.
 * @returns undefined when the gallery or the batch has no labels
 */
export function labelRelevance(gallery: GalleryItems, queries: EmbeddingBatch): Relevance | undefined {
  const { labels, sequences } = gallery;
  const labelKey = queries.keys('label');
  if (!labels || !labelKey) return undefined;
  const sequenceKey = sequences && queries.keys('sequence');
  const { self } = queries;
  const labelCodes = labels.codes;
  const sequenceCodes = sequences?.codes;
  const label = Int32Array.from({ length: queries.rows }, (_, q) => labels.code(labelKey(q)));
  const sequence = sequenceKey && Int32Array.from({ length: queries.rows }, (_, q) => sequences.code(sequenceKey(q)));

  const inSequence = (q: number, row: number) => sequence !== undefined && sequence[q] >= 0 && sequenceCodes?.[row] === sequence[q];
  const ignored = ignoredRows(gallery, queries);

  /** Rows with the query's label in the query's sequence; walks the shorter of the two postings. */
  const relevantInSequence = (q: number): number => {
    if (!sequences || !sequence || sequence[q] < 0) return 0;
    const bySequence = sequences.count(sequence[q]) < labels.count(label[q]);
    const rows = bySequence ? sequences.rows(sequence[q]) : labels.rows(label[q]);
    let n = 0;
    for (const row of rows) if (bySequence ? labelCodes[row] === label[q] : inSequence(q, row)) n++;
    return n;
  };

  const count = (q: number, level = 1): number => {
    if (level > 1 || label[q] < 0) return 0;
    const own = self?.[q] ?? -1;
    const ownToo = own >= 0 && labelCodes[own] === label[q] && !inSequence(q, own);
    return labels.count(label[q]) - relevantInSequence(q) - (ownToo ? 1 : 0);
  };

  return {
    count,
    gain: (q, row) => (label[q] >= 0 && labelCodes[row] === label[q] && !ignored(q, row) ? 1 : 0),
    judged: () => gallery.size,
    list: (q, level = 1) => (level > 1 ? new Int32Array(0) : labels.rows(label[q]).filter((row) => !ignored(q, row))),
  };
}
