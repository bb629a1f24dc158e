import { join } from 'node:path';
import { postprocess, pump, search } from '../../operators/index.js';
import { ASSETS } from '../../pipelines/icons/places.js';
import type { ItemTensors } from '../../src/data/context.js';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import type { RetrievalResults } from '../../src/data/retrieval-results.js';
import { openSiamese } from '../../src/models/siamese.js';
import { rerank } from '../../src/postprocess/rerank.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { answer, childArgument, secondsSince } from '../child.js';
import { pictures, SHAPE } from '../pictures.js';
import { items as vectors } from '../synthetic.js';

/* rankstream: a search, re-ranking of its results, and both in one pump, each of the same queries in the same batches, searcher and model being open. */
const { queries, size, topN, threads } = childArgument<{ queries: number; size: number; topN: number; threads: number }>();
const WORLD = { dim: 128, labels: 2000, categories: 10, seed: 1 };
const PICTURES = 200;
const ROWS = 128;

const shown = pictures(PICTURES, 1);
const items: ItemTensors = {
  shape: SHAPE,
  query: async (rr, position) => shown[rr.rows[position] % PICTURES],
  gallery: async (row) => shown[row % PICTURES],
};
function* batches(rows: number, part: number, batchRows: number) {
  for (const { firstRow, rows: count, vectors: data } of vectors(WORLD, rows, part, batchRows)) {
    yield EmbeddingBatch.fromMatrix({ data, rows: count, dim: WORLD.dim }, {}, { source: 'synthetic', firstRow });
  }
}
const gallery = await Gallery.load(batches(size, 0, 4096));
const asked = [...batches(queries, 1, ROWS)];
const searcher = await ExactSearcher.open(gallery, { threads });
const model = await openSiamese(join(ASSETS, 'icon-siamese.onnx'), { threads });
const [searching, reranking] = [search(gallery, { searcher }), postprocess(rerank(model, { topN }), { items })];

const found: RetrievalResults[] = [];
const seconds: Record<string, number> = {};
async function timed(part: string, work: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await work();
  seconds[part] = secondsSince(start);
}

// So that memory and code are warm.
await pump(asked.slice(0, 2), {}, searching, reranking).last();
await timed('search', async () => {
  for await (const rr of pump(asked, {}, searching)) found.push(rr);
});
await timed('rerank', () => pump(found, {}, reranking).last());
await timed('both', () => pump(asked, {}, searching, reranking).last());
await Promise.all([searcher.close(), model.close?.()]);
answer({ seconds });
