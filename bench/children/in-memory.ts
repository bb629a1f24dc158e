import { evaluate } from '../../operators/evaluate.js';
import { pump } from '../../operators/pump.js';
import { search } from '../../operators/search.js';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { parseMetrics } from '../../src/metrics/registry.js';
import type { Device } from '../../src/runtime/devices.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { answer, childArgument, secondsSince, WARM_ROWS } from '../child.js';
import { labelColumns, loadGallery, loadQueries } from '../load.js';

/* rankstream from vectors in memory to metrics: search with canonical re-scoring, relevance, metrics overall and by category; no reading. */
interface Argument {
  readonly folder: string;
  readonly k: number;
  readonly metrics: string;
  readonly threads: number;
  readonly device: Device;
}
const BATCH_ROWS = 1024;
const { folder, k, metrics, threads, device } = childArgument<Argument>();

const all = EmbeddingBatch.fromMatrix(loadQueries(folder), labelColumns(folder, 'q'));
const queries = Array.from({ length: Math.ceil(all.rows / BATCH_ROWS) }, (_, b) =>
  all.slice(b * BATCH_ROWS, Math.min(all.rows, (b + 1) * BATCH_ROWS)),
);
const gallery = await loadGallery(folder, { columns: labelColumns(folder, 'g') });
let start = performance.now();
const searcher = await ExactSearcher.open(gallery, { threads, device });
const open = secondsSince(start);

const run = (source: EmbeddingBatch[]) =>
  pump(source, {}, search(gallery, { k, searcher }), evaluate(parseMetrics(metrics), { by: ['category'] })).last();
await run([queries[0].slice(0, Math.min(WARM_ROWS, queries[0].rows))]);
start = performance.now();
const last = await run(queries);
const values = last?.snapshot();
const seconds = { open, 'search + metrics': secondsSince(start) };
await searcher.close();
answer({ seconds, metrics: values?.metrics, notes: { device: searcher.device } });
