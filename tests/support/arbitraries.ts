import { Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { RetrievalResults } from '../../src/data/retrieval-results.js';

/** Judged retrieval results: ragged lists, ties, empty lists, queries without ground truth, a category column. */
export const judgedResults: fc.Arbitrary<RetrievalResults> = fc
  .array(
    fc.record({
      items: fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 12 }),
      gaps: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 12, maxLength: 12 }),
      relevant: fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 6 }),
      category: fc.constantFrom('a', 'b', null),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((queries) =>
    RetrievalResults.fromLists({
      retrieved: queries.map(({ items }) => items),
      distances: queries.map(({ items, gaps }) => {
        let distance = 0;
        return items.map((_, i) => {
          distance += gaps[i] / 8;
          return distance;
        });
      }),
      relevant: queries.map(({ relevant }) => relevant),
      columns: {
        category: vectorFromArray(
          queries.map(({ category }) => category),
          new Utf8(),
        ),
      },
      info: { gallerySize: 31, distance: 'l2', k: 12 },
    }),
  );

/** A way to cut n rows into batches: the sizes of the parts. */
export function cuts(n: number): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 1, max: Math.max(1, n) }), { minLength: 1, maxLength: n + 1 }).map((sizes) => {
    const parts: number[] = [];
    let left = n;
    for (const size of [...sizes, n]) {
      const part = Math.min(size, left);
      if (part > 0) parts.push(part);
      left -= part;
    }
    return parts;
  });
}

/** Slices by the sizes of `cuts`. */
export function cut<T extends { slice(start: number, end: number): T }>(whole: T, sizes: readonly number[]): T[] {
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return whole.slice(start - size, start);
  });
}
