import { afterAll, describe, expect, it } from 'vitest';
import { postprocess, pump, search } from '../../operators/index.js';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { trivialSiamese } from '../../src/models/trivial-siamese.js';
import { rerank } from '../../src/postprocess/rerank.js';
import { ExactSearcher } from '../../src/search/exact.js';
import type { Searcher } from '../../src/search/searcher.js';
import { clusters } from '../support/tables.js';

const [BATCHES, ROWS] = [4, 10];
const { vectors } = clusters(BATCHES * ROWS, 5, 4, 1);
const items = EmbeddingBatch.fromMatrix({ data: Float32Array.from(vectors.flat()), rows: vectors.length, dim: 4 });
const gallery = await Gallery.load([items]);
const searcher = await ExactSearcher.open(gallery, { threads: 1 });
afterAll(() => searcher.close());

describe('re-ranking behind a search', () => {
  it('works on a batch while the next one is searched', async () => {
    const begin: (() => void)[] = [];
    const begun = Array.from({ length: BATCHES }, () => new Promise<void>((resolve) => begin.push(resolve)));
    let searches = 0;
    const watched: Searcher = {
      size: searcher.size,
      dimension: searcher.dimension,
      distance: searcher.distance,
      device: searcher.device,
      exact: searcher.exact,
      close: () => searcher.close(),
      search(...asked) {
        begin[searches++]();
        return searcher.search(...asked);
      },
    };
    const model = trivialSiamese();
    let reranked = 0;
    // Were they one after the other, no batch would ever be done.
    const patient: typeof model = {
      ...model,
      async distances(pairs, context) {
        await begun[Math.min(++reranked, BATCHES - 1)];
        return model.distances(pairs, context);
      },
    };
    const batches = Array.from({ length: BATCHES }, (_, b) => items.slice(b * ROWS, (b + 1) * ROWS));
    const stages = [search(gallery, { searcher: watched, k: 5 }), postprocess(rerank(patient, { topN: 3 }), { gallery })] as const;
    let queries = 0;
    for await (const rr of pump(batches, {}, ...stages)) queries += rr.length;
    expect({ queries, searches, reranked }).toEqual({ queries: BATCHES * ROWS, searches: BATCHES, reranked: BATCHES });
  });
});
