import { type DataType, Float64, Int32, Int64, Utf8, type Vector, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { labelRelevance } from '../../src/data/relevance.js';

const key = fc.option(fc.nat(3));
const rows = (max: number) =>
  fc.array(fc.record({ label: key, sequence: key, self: fc.integer({ min: -1, max: 14 }) }), { minLength: 1, maxLength: max });

function batch(columns: Record<string, Vector>, n: number): EmbeddingBatch {
  return EmbeddingBatch.fromMatrix({ data: new Float32Array(n), rows: n, dim: 1 }, columns);
}

/** Keys as columns of any type that tools write them in. */
const KINDS: Readonly<Record<string, (keys: (number | null)[]) => Vector>> = {
  int32: (keys) => vectorFromArray(keys, new Int32()),
  int64: (keys) =>
    vectorFromArray(
      keys.map((k) => (k === null ? null : BigInt(k))),
      new Int64(),
    ),
  float64: (keys) =>
    vectorFromArray(
      keys.map((k) => k ?? Number.NaN),
      new Float64() as DataType,
    ),
};
const kind = fc.constantFrom(...Object.keys(KINDS));

describe('relevance from labels', () => {
  it('is what a look at every pair finds, in any mixture of number types', async () => {
    await fc.assert(
      fc.asyncProperty(rows(15), rows(8), kind, kind, fc.boolean(), async (items, queries, ours, theirs, sequenced) => {
        const columns = (of: typeof items, type: string) => ({
          label: KINDS[type](of.map(({ label }) => label)),
          ...(sequenced ? { sequence: KINDS[type](of.map(({ sequence }) => sequence)) } : {}),
        });
        const gallery = await Gallery.load([batch(columns(items, ours), items.length)]);
        const self = Int32Array.from(queries, (query) => (query.self < items.length ? query.self : -1));
        const relevance = labelRelevance(gallery, batch(columns(queries, theirs), queries.length).withSelf(self));
        for (const [q, query] of queries.entries()) {
          const relevant = items.flatMap((item, row) => {
            const same = query.label !== null && item.label === query.label;
            const shot = sequenced && query.sequence !== null && item.sequence === query.sequence;
            return same && !shot && row !== self[q] ? [row] : [];
          });
          expect([...(relevance?.list(q) ?? [])]).toEqual(relevant);
          expect(relevance?.count(q)).toBe(relevant.length);
          expect(items.map((_, row) => relevance?.gain(q, row))).toEqual(items.map((_, row) => (relevant.includes(row) ? 1 : 0)));
          expect(relevance?.judged(q)).toBe(items.length);
          expect(relevance?.count(q, 2)).toBe(0);
          expect(relevance?.list(q, 2)).toHaveLength(0);
        }
      }),
    );
  });

  it('keeps the text "1" apart from the number 1', async () => {
    const gallery = await Gallery.load([batch({ label: vectorFromArray(['1', 'a'], new Utf8()) }, 2)]);
    const numbers = labelRelevance(gallery, batch({ label: vectorFromArray([1], new Int32()) }, 1));
    expect(numbers?.count(0)).toBe(0);
    const texts = labelRelevance(gallery, batch({ label: vectorFromArray(['1'], new Utf8()) }, 1));
    expect(texts?.count(0)).toBe(1);
  });

  it('is not known without labels on both sides', async () => {
    const gallery = await Gallery.load([batch({}, 1)]);
    const labelled = batch({ label: vectorFromArray([1], new Int32()) }, 1);
    expect(labelRelevance(gallery, labelled)).toBeUndefined();
    expect(labelRelevance(await Gallery.load([labelled]), batch({}, 1))).toBeUndefined();
  });
});
