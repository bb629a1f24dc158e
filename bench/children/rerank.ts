import { join } from 'node:path';
import { postprocess, pump } from '../../operators/index.js';
import { ASSETS } from '../../pipelines/icons/places.js';
import type { ItemTensors } from '../../src/data/context.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { openSiamese } from '../../src/models/siamese.js';
import { rerank } from '../../src/postprocess/rerank.js';
import { answer, childArgument, secondsSince } from '../child.js';
import { pictures, SHAPE } from '../pictures.js';

/* rankstream: results in batches through the re-ranking stage, with the options that it has by default. */
const { queries, topN, threads } = childArgument<{ queries: number; topN: number; threads: number }>();
const GALLERY = 200;
const ROWS = 128;

const [ofQueries, ofGallery] = [pictures(queries, 1), pictures(GALLERY, 2)];
const items: ItemTensors = {
  shape: SHAPE,
  query: async (rr, position) => ofQueries[rr.rows[position]],
  gallery: async (row) => ofGallery[row],
};
function* results() {
  for (let firstRow = 0; firstRow < queries; firstRow += ROWS) {
    const rows = Array.from({ length: Math.min(ROWS, queries - firstRow) }, (_, i) => firstRow + i);
    const retrieved = rows.map((row) => Array.from({ length: 2 * topN }, (_, i) => (row * 7 + i) % GALLERY));
    yield RetrievalResults.fromLists({ retrieved, distances: retrieved.map((list) => list.map((_, i) => i)), firstRow });
  }
}

const model = await openSiamese(join(ASSETS, 'icon-siamese.onnx'), { threads });
const step = rerank(model, { topN });
// So that memory and code are warm, as those of the model alone.
const [first] = results();
await step.process(first.slice(0, Math.min(first.length, 32)), { items });
const start = performance.now();
await pump(results(), {}, postprocess(step, { items })).last();
const seconds = { rerank: secondsSince(start) };
await step.close?.();
answer({ seconds });
