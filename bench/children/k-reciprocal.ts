import { Int32, vectorFromArray } from 'apache-arrow';
import { postprocess, pump, search } from '../../operators/index.js';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import type { RetrievalResults } from '../../src/data/retrieval-results.js';
import { Accumulator } from '../../src/metrics/accumulator.js';
import { evaluation } from '../../src/metrics/evaluation.js';
import { parseMetrics } from '../../src/metrics/registry.js';
import { kReciprocal } from '../../src/postprocess/k-reciprocal/k-reciprocal.js';
import { answer, childArgument, secondsSince } from '../child.js';
import { readNpy } from '../npy.js';

/* rankstream from the results of a search, all against all, to re-ranked lists: both passes, the search of neighbours, the sparse re-ranking. */
const { folder, threads } = childArgument<{ readonly folder: string; readonly threads: number }>();
const { data, rows } = readNpy(`${folder}/vectors.npy`);
const labels = vectorFromArray(Array.from(readNpy(`${folder}/labels.npy`).data), new Int32());
const items = EmbeddingBatch.fromMatrix({ data: data as Float32Array, rows, dim: data.length / rows }, { label: labels });
const queries = items.withSelf(Int32Array.from({ length: rows }, (_, row) => row));
const gallery = await Gallery.load([items]);

const batches: RetrievalResults[] = [];
for await (const rr of pump(
  [queries.slice(0, Math.min(1024, rows)), queries.slice(Math.min(1024, rows), rows)],
  {},
  search(gallery, { k: 100, threads }),
)) {
  batches.push(rr);
}

const peak = () => (process.resourceUsage().maxRSS * 1024) / 1e6;
const before = peak();
const start = performance.now();
const reranked: RetrievalResults[] = [];
for await (const rr of pump(batches, {}, postprocess(kReciprocal({ threads }), { gallery }))) reranked.push(rr);
const seconds = { 'k-reciprocal': secondsSince(start) };
const grown = peak() - before;
const measured = new Accumulator(evaluation({ metrics: parseMetrics('cmc@1,map@100') }));
for (const rr of reranked) measured.update(rr);
answer({ seconds, metrics: measured.value().metrics, notes: { grown } });
