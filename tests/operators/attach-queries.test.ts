import { Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attachQueries, postprocess, pump, search } from '../../operators/index.js';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import type { PairwiseModel } from '../../src/models/pairwise-model.js';
import { trivialSiamese } from '../../src/models/trivial-siamese.js';
import { rerank } from '../../src/postprocess/rerank.js';
import { collect } from '../io/support.js';
import { cut, cuts } from '../support/arbitraries.js';

const ROWS = 20;
const DIM = 2;
const ids = Array.from({ length: ROWS }, (_, row) => `q${row}`);
const all = EmbeddingBatch.fromMatrix(
  { data: Float32Array.from({ length: ROWS * DIM }, (_, i) => i), rows: ROWS, dim: DIM },
  { id: vectorFromArray(ids, new Utf8()) },
  { source: 'q.parquet', firstRow: 0 },
);
/** Results of each query, without its batch: of these rows, by ids where they have them. */
function results(rows: readonly number[] = ids.map((_, row) => row), queryIds?: readonly string[]): RetrievalResults {
  const rr = RetrievalResults.fromLists({ retrieved: rows.map(() => [0]), distances: rows.map(() => [1]) });
  return RetrievalResults.trusted({ ...rr, rows: Uint32Array.from(rows), queryIds: queryIds && vectorFromArray(queryIds, new Utf8()) });
}

/** The queries in batches, and how far they were read and closed. */
function source(sizes: readonly number[]) {
  const seen = { opened: 0, read: 0, closed: 0 };
  return {
    seen,
    queries: {
      async *[Symbol.asyncIterator]() {
        seen.opened++;
        try {
          for (const batch of cut<EmbeddingBatch>(all, sizes)) {
            seen.read++;
            yield batch;
          }
        } finally {
          seen.closed++;
        }
      },
    },
  };
}

describe('attachQueries', () => {
  it('gives results their queries, whatever the batches of either, and rows left out', () =>
    fc.assert(
      fc.asyncProperty(
        cuts(ROWS),
        fc.subarray(
          ids.map((_, row) => row),
          { minLength: 1 },
        ),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: ROWS }),
        async (sizes, rows, inFlight, size) => {
          const batches: RetrievalResults[] = [];
          const rr = results(
            rows,
            rows.map((row) => ids[row]),
          );
          for (let start = 0; start < rows.length; start += size) batches.push(rr.slice(start, Math.min(rows.length, start + size)));
          const { queries, seen } = source(sizes);
          for (const one of await collect(pump(batches, { inFlight }, attachQueries(queries)))) {
            expect(one.queries?.rows).toBe(one.length);
            for (const [q, row] of one.rows.entries()) {
              expect([...(one.queries?.data.subarray(q * DIM, (q + 1) * DIM) ?? [])]).toEqual([2 * row, 2 * row + 1]);
              expect(one.queries?.columns.id.get(q)).toBe(`q${row}`);
            }
          }
          await new Promise(setImmediate);
          expect(seen).toMatchObject({ opened: 1, closed: 1 });
        },
      ),
      { numRuns: 40 },
    ));

  it('reads no further than the results', async () => {
    const { queries, seen } = source([5, 5, 5, 5]);
    await pump([results([0, 1]), results([6])], {}, attachQueries(queries)).last();
    expect(seen.read).toBe(2);
  });

  it('leaves results that carry their queries as they are, and then opens nothing; an empty batch gets an empty one', async () => {
    const { queries, seen } = source([ROWS]);
    const carrying = RetrievalResults.trusted({ ...results(), queries: all });
    expect(await collect(pump([carrying], {}, attachQueries(queries)))).toEqual([carrying]);
    expect(seen.opened).toBe(0);
    expect((await pump([results([])], {}, attachQueries(queries)).last())?.queries?.rows).toBe(0);
  });

  it.each([
    [
      'rows that fall',
      [results([3, 2])],
      'query 2 comes after query 3: the results must be in the order of the queries to get their embeddings',
    ],
    ['rows that fall from batch to batch', [results([8]), results([8])], 'query 8 comes after query 8'],
    ['too few queries', [results([4]), results([ROWS])], 'q.parquet: the results have query 20, but there are 20 queries'],
    ['other ids', [results([3, 4], ['q3', 'x'])], 'q.parquet: query 4 has the id "q4", but "x" in the results: these are other queries'],
  ])('refuses %s', async (_, batches, message) => {
    const { queries } = source([6, 14]);
    await expect(pump(batches, {}, attachQueries(queries)).last()).rejects.toThrow(message);
  });
});

describe('postprocess', () => {
  it('gives a two-pass step its queries in the second pass', async () => {
    const step = {
      name: 'two passes',
      params: {},
      needs: ['queries' as const],
      fit: {
        name: 'count',
        init: () => ({ n: 0 }),
        update: (state: unknown, rr: RetrievalResults) => ((state as { n: number }).n += rr.length),
        merge() {},
        value: (state: unknown) => (state as { n: number }).n,
      },
      process(rr: RetrievalResults, _: unknown, n: number) {
        expect([n, rr.queries?.rows]).toEqual([ROWS, rr.length]);
        return rr;
      },
    };
    const out = await collect(pump(cut(results(), [9, 11]), {}, postprocess(step, {}, source([7, 13]).queries)));
    expect(out.map((rr) => rr.length)).toEqual([9, 11]);
  });

  it('re-ranks while the next batch is searched', async () => {
    const gallery = await Gallery.load([all]);
    let handedOver = () => {};
    const second = new Promise<void>((resolve) => (handedOver = resolve));
    const known = trivialSiamese();
    // It waits, with the first batch, until the search has the second one: one after the other, nothing would ever move.
    const waiting: PairwiseModel = {
      ...known,
      async distances(pairs, context) {
        await second;
        return known.distances(pairs, context);
      },
    };
    async function* queries() {
      yield all.slice(0, 10);
      yield all.slice(10, 20);
      handedOver();
    }
    const out = await collect(pump(queries(), {}, search(gallery, { k: 5 }), postprocess(rerank(waiting, { topN: 3 }), { gallery })));
    expect(out.map((rr) => rr.length)).toEqual([10, 10]);
    const plain = await collect(pump([all], {}, search(gallery, { k: 5 })));
    // The model's distance is that of the search.
    expect([...RetrievalResults.concat(out).ids]).toEqual([...plain[0].ids]);
  });
});
