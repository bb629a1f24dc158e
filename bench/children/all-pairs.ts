import { Int32, vectorFromArray } from 'apache-arrow';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { parseMetricSet } from '../../src/metrics/metric-set.js';
import { pairValues } from '../../src/metrics/pair-values.js';
import { allPairs } from '../../src/search/all-pairs.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { answer, childArgument, secondsSince } from '../child.js';
import { readNpy } from '../npy.js';

/* One table against itself, from vectors in memory: the search of the nearest k, or measures of all pairs. Opening counts on both sides. */
interface Argument {
  readonly folder: string;
  /** Absent: measures of all pairs. */
  readonly k?: number;
  readonly metrics: string;
  readonly threads: number;
  readonly batchRows: number;
}
const { folder, k, metrics, threads, batchRows } = childArgument<Argument>();

const { data, rows } = readNpy(`${folder}/g.npy`);
const labels = vectorFromArray(Array.from(readNpy(`${folder}/g_labels.npy`).data), new Int32());
const table = EmbeddingBatch.fromMatrix({ data: data as Float32Array, rows, dim: data.length / rows }, { label: labels });
const items = table.withSelf(Int32Array.from({ length: rows }, (_, row) => row));
const gallery = await Gallery.load([items]);
const batches = Array.from({ length: Math.ceil(rows / batchRows) }, (_, b) =>
  items.slice(b * batchRows, Math.min(rows, (b + 1) * batchRows)),
);

const start = performance.now();
if (k !== undefined) {
  const searcher = await ExactSearcher.open(gallery, { threads });
  for (const batch of batches) await searcher.search(batch, k, { self: batch.self });
  await searcher.close();
  answer({ seconds: { search: secondsSince(start) } });
} else {
  const { pairs } = parseMetricSet(metrics);
  let counted = 0;
  const counts = await allPairs(gallery, batches, pairs, {
    threads,
    onBatch: (queries) => {
      counted += queries;
    },
  });
  const { metrics: values, positives, negatives } = pairValues(pairs, counts);
  answer({ seconds: { pairs: secondsSince(start) }, metrics: values, notes: { positives, negatives, passes: counted / rows } });
}
