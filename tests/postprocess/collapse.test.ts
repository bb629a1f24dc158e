import { Int64, Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { collapse } from '../../src/postprocess/collapse.js';
import { judgedResults } from '../support/arbitraries.js';
import { embeddingTable } from '../support/tables.js';
import { expectValid, galleryOf, lists } from './support.js';

const products = Array.from({ length: 31 }, (_, row) => (row % 7 === 0 ? null : `p${row % 5}`));
const { columns } = await galleryOf(
  embeddingTable(
    products.map((_, row) => [row, 1]),
    {
      product: vectorFromArray(products, new Utf8()),
      number: vectorFromArray(
        products.map((_, row) => BigInt(row % 2)),
        new Int64(),
      ),
      price: products.map((_, row) => (row % 3 === 0 ? Number.NaN : row % 2)),
    },
  ),
);

describe('collapse', () => {
  it('keeps the first of each value, and all without one', async () => {
    const rr = RetrievalResults.fromLists({
      retrieved: [[1, 0, 6, 7, 2, 11], []],
      distances: [[1, 2, 3, 4, 5, 6], []],
      relevant: [[6, 2], []],
    });
    const after = await collapse('product').process(rr, { columns });
    expect(lists(after)).toEqual([
      { ids: [1, 0, 7, 2], distances: [1, 2, 4, 5] },
      { ids: [], distances: [] },
    ]);
    expect([...(after.gains ?? [])]).toEqual([0, 0, 0, 1]);
    expect(lists(await collapse('number').process(rr, { columns }))[0].ids).toEqual([1, 0]);
    expect(lists(await collapse('price').process(rr, { columns }))[0].ids).toEqual([1, 0, 6, 2]);
  });

  it('gives valid results, and a second time changes nothing', () =>
    fc.assert(
      fc.asyncProperty(judgedResults, fc.constantFrom('product', 'number', 'price'), async (rr, column) => {
        const once = await collapse(column).process(rr, { columns });
        expectValid(once, rr, expect);
        for (let q = 0; q < rr.length; q++) expect(once.retrievedIds(q)[0]).toBe(rr.retrievedIds(q)[0]);
        expect((await collapse(column).process(once, { columns })).equals(once)).toBe(true);
      }),
    ));

  it('says which column is missing', () => {
    const rr = RetrievalResults.fromLists({ retrieved: [[1]], distances: [[1]] });
    expect(() => collapse('produt').process(rr, { columns })).toThrow(
      'collapse: no column "produt" in the gallery (there are: product, number, price); did you mean "product"?',
    );
    expect(() => collapse('product').process(rr, {})).toThrow('came without the columns of their gallery, where "product" is looked up');
  });
});
