import { Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { IdTable } from '../../src/data/id-table.js';
import { qrelsRelevance } from '../../src/data/qrels-relevance.js';
import type { QueryLists } from '../../src/data/query-lists.js';

type Judgements = Record<string, Record<string, number>>;

function qrelsOf(judgements: Judgements): QueryLists {
  const [queries, documents] = [new IdTable(), new IdTable()];
  const intern = (table: IdTable, id: string) => table.intern(Buffer.from(id), 0, Buffer.byteLength(id));
  const lists = Object.values(judgements).map((list) => Object.entries(list));
  for (const query of Object.keys(judgements)) intern(queries, query);
  const offsets = new Int32Array(lists.length + 1);
  lists.forEach((list, q) => {
    offsets[q + 1] = offsets[q] + list.length;
  });
  const ids = Int32Array.from(lists.flat(), ([id]) => intern(documents, id));
  return { source: 'qrels.txt', queries, documents, offsets, ids, values: Float32Array.from(lists.flat(), ([, gain]) => gain) };
}

function batch(names: readonly (string | null)[], sequence: readonly (number | null)[]): EmbeddingBatch {
  const columns = { id: vectorFromArray(names, new Utf8()), sequence: vectorFromArray([...sequence]) };
  return EmbeddingBatch.fromMatrix({ data: new Float32Array(names.length), rows: names.length, dim: 1 }, columns);
}

const shots = fc.array(fc.option(fc.nat(2)), { minLength: 6, maxLength: 6 });
const id = (prefix: string) => fc.nat(7).map((n) => `${prefix}${n}`);
const judgements: fc.Arbitrary<Judgements> = fc
  .array(fc.tuple(id('q'), id('d'), fc.integer({ min: -2, max: 3 })), { maxLength: 40 })
  .map((triples) => {
    const all: Judgements = { q0: { d0: 1 } };
    for (const [query, document, gain] of triples) all[query] = { ...all[query], [document]: gain };
    return all;
  });

describe('relevance from qrels', () => {
  it('is what a look at every pair finds', async () => {
    await fc.assert(
      fc.asyncProperty(
        judgements,
        shots,
        shots,
        fc.array(fc.integer({ min: -1, max: 5 }), { minLength: 6, maxLength: 6 }),
        async (given, ours, theirs, own) => {
          const documents = ['d3', 'd0', null, 'd1', 'd5', 'd2'];
          const names = ['q0', 'q4', 'q2', null, 'elsewhere', 'q1'];
          const gallery = await Gallery.load([batch(documents, ours)]);
          const queries = batch(names, theirs).withSelf(Int32Array.from(own));
          const qrels = qrelsRelevance(gallery, qrelsOf(given));
          const relevance = qrels.of(queries);
          names.forEach((name, q) => {
            const gains = documents.map((document, row) => {
              const ignored = own[q] === row || (theirs[q] !== null && theirs[q] === ours[row]);
              return name === null || document === null || ignored ? undefined : given[name]?.[document];
            });
            expect(documents.map((_, row) => relevance.gain(q, row))).toEqual(gains);
            expect(relevance.judged(q)).toBe(gains.filter((gain) => gain !== undefined).length);
            for (const level of [undefined, 1, 2, Number.NEGATIVE_INFINITY]) {
              const rows = gains.flatMap((gain, row) => (gain !== undefined && gain >= (level ?? 1) ? [row] : []));
              expect([...relevance.list(q, level)]).toEqual(rows);
              expect(relevance.count(q, level)).toBe(rows.length);
            }
          });
          const known = new Set(Object.values(given).flatMap(Object.keys));
          expect(qrels.absent).toBe([...known].filter((document) => !documents.includes(document)).length);
          const judged = names.filter((name) => name !== null && name in given);
          const kept = qrels.judgedQueries(queries, 10);
          expect([...(kept.columns.id as Iterable<string>)]).toEqual(judged);
          expect(kept.firstRow).toBe(10);
        },
      ),
    );
  });
});
