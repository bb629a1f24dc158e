import { evaluate } from '../../operators/evaluate.js';
import { pump } from '../../operators/pump.js';
import { search } from '../../operators/search.js';
import type { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { parseMetrics } from '../../src/metrics/registry.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { answer, childArgument, secondsSince } from '../child.js';
import { labelled } from '../load.js';

/* rankstream from vectors in memory to metrics: search with canonical re-scoring, relevance, metrics overall and by category; no reading. */
interface Argument {
  readonly folder: string;
  readonly k: number;
  readonly metrics: string;
  readonly threads: number;
}
const { folder, k, metrics, threads } = childArgument<Argument>();

const queries: EmbeddingBatch[] = [];
for await (const batch of labelled(folder, 'q')) queries.push(batch);
const gallery = await Gallery.load(labelled(folder, 'g'));
let start = performance.now();
const searcher = await ExactSearcher.open(gallery, { threads });
const open = secondsSince(start);

const run = (source: EmbeddingBatch[]) =>
  pump(source, {}, search(gallery, { k, searcher }), evaluate(parseMetrics(metrics), { by: ['category'] })).last();
await run([queries[0].slice(0, Math.min(512, queries[0].rows))]);
start = performance.now();
const last = await run(queries);
const values = last?.snapshot();
const seconds = { open, 'search + metrics': secondsSince(start) };
await searcher.close();
answer({ seconds, metrics: values?.metrics });
