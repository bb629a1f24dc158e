import { Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuse, fuseBy, pump } from '../../operators/index.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { combSum, fuseResults, rrf } from '../../src/postprocess/fusion/index.js';
import { cut, cuts, judgedResults } from '../support/arbitraries.js';

async function* stream(parts: readonly RetrievalResults[]): AsyncGenerator<RetrievalResults> {
  yield* parts;
}

async function collect(values: AsyncIterable<RetrievalResults>): Promise<RetrievalResults[]> {
  const out: RetrievalResults[] = [];
  for await (const value of values) out.push(value);
  return out;
}

/** The same queries with other lists: what another search of them could give. */
const other = (rr: RetrievalResults) => RetrievalResults.trusted({ ...rr, ids: rr.ids.map((row) => 30 - row) });

describe('fuse', () => {
  it('zips whatever the batches of its sources', () =>
    fc.assert(
      fc.asyncProperty(
        judgedResults.chain((rr) => fc.tuple(fc.constant(rr), cuts(rr.length), cuts(rr.length))),
        async ([rr, a, b]) => {
          const fused = await collect(fuse([stream(cut(rr, a)), stream(cut(other(rr), b))], rrf()));
          expect(RetrievalResults.concat(fused).equals(fuseResults([rr, other(rr)], rrf()))).toBe(true);
        },
      ),
    ));

  it('refuses sources of different lengths, and closes them', async () => {
    const rr = RetrievalResults.fromLists({ retrieved: [[1], [2]], distances: [[1], [2]] });
    let closed = 0;
    async function* watched(parts: readonly RetrievalResults[]): AsyncGenerator<RetrievalResults> {
      try {
        yield* parts;
      } finally {
        closed++;
      }
    }
    const uneven = fuse([watched([rr.slice(0, 1)]), watched([rr.slice(0, 1), rr.slice(1, 2)])], rrf());
    await expect(collect(uneven)).rejects.toThrow('retrieval 1 ends after 1 queries, but 2 goes on');
    expect(closed).toBe(2);
    expect(() => fuse([], rrf())).toThrow('nothing to fuse');
  });
});

const intents = (values: readonly (string | null)[]) => ({ intent: vectorFromArray(values, new Utf8()) });

describe('fuseBy', () => {
  const rr = RetrievalResults.fromLists({
    retrieved: [[0, 1], [2], [1, 3], [4]],
    distances: [[0.1, 0.2], [0.5], [0.3, 0.4], [0.9]],
    relevant: [[1], [2], [1], [4]],
    columns: intents(['a', 'b', 'a', null]),
    info: { gallerySize: 5, distance: 'l2' },
  });

  it('makes one query of each group, where its last one stood', async () => {
    const [fused] = await collect(pump([rr], {}, fuseBy('intent', combSum())));
    expect([...fused.rows]).toEqual([1, 0, 3]);
    expect([...fused.columns.intent]).toEqual(['b', 'a', null]);
    // Scores are negated distances: what only one query found loses least.
    expect([...fused.retrievedIds(1)]).toEqual([0, 3, 1]);
    expect([...fused.distancesOf(0)]).toEqual([0.5]);
    expect([...(fused.numRelevant ?? [])]).toEqual([1, 1, 1]);
  });

  it('gives one output for each batch, and the same queries whatever the batches', () =>
    fc.assert(
      fc.asyncProperty(cuts(4), async (sizes) => {
        const parts = cut(rr, sizes);
        const fused = await collect(pump(parts, {}, fuseBy('intent', rrf())));
        expect(fused).toHaveLength(parts.length);
        const [whole] = await collect(pump([rr], {}, fuseBy('intent', rrf())));
        expect(RetrievalResults.concat(fused).equals(whole)).toBe(true);
      }),
    ));

  it('refuses an unknown column, and a group that was judged in different ways', async () => {
    await expect(pump([rr], {}, fuseBy('intnt', rrf())).last()).rejects.toThrow('no query column "intnt" to fuse by (there are: intent)');
    const unlike = RetrievalResults.fromLists({
      retrieved: [[0], [1]],
      distances: [[0], [0]],
      relevant: [[1], [1, 2]],
      columns: intents(['a', 'a']),
    });
    await expect(pump([unlike], {}, fuseBy('intent', rrf())).last()).rejects.toThrow('they were not judged alike');
  });
});
