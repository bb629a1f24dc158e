import fc from 'fast-check';
import type { QueryLists } from '../../../src/data/query-lists.js';

/** Plain lists: query -> document -> number. */
export type Plain = Record<string, Record<string, number>>;

/** An id as TREC files have it, also with letters beyond ASCII; `__proto__` and such would not be keys of plain objects. */
export const trecId = fc
  .string({ unit: fc.constantFrom(...'abAB09-_.é日😀'), minLength: 1, maxLength: 6 })
  .filter((id) => !id.startsWith('#'));

const score = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
  // Few values, so that there are ties.
  fc.constantFrom(0, 1, 2, 0.5, -1),
);

function lists(value: fc.Arbitrary<number>): fc.Arbitrary<Plain> {
  return fc
    .uniqueArray(fc.tuple(trecId, fc.uniqueArray(fc.tuple(trecId, value), { selector: ([id]) => id, minLength: 1, maxLength: 8 })), {
      selector: ([id]) => id,
      minLength: 1,
      maxLength: 6,
    })
    .map((queries) => Object.fromEntries(queries.map(([id, documents]) => [id, Object.fromEntries(documents)])));
}

export const runs = lists(score);
export const judgements = lists(fc.integer({ min: -2, max: 4 }));

/** The lines of a TREC file, without line feeds. */
export function trecLines(plain: Plain, kind: 'run' | 'qrels', gap = ' '): string[] {
  return Object.entries(plain).flatMap(([query, documents]) =>
    Object.entries(documents).map(([document, value], i) =>
      (kind === 'run' ? [query, 'Q0', document, i + 1, value, 'system'] : [query, 0, document, value]).join(gap),
    ),
  );
}

/** What was read, as plain lists. */
export function plainOf({ queries, documents, offsets, ids, values }: QueryLists): Plain {
  const plain: Plain = {};
  for (let q = 0; q < queries.size; q++) {
    const list: Record<string, number> = {};
    for (let i = offsets[q]; i < offsets[q + 1]; i++) list[documents.id(ids[i])] = values[i];
    plain[queries.id(q)] = list;
  }
  return plain;
}
