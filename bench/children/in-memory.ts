import { Int32, vectorFromArray } from 'apache-arrow';
import { evaluate } from '../../operators/evaluate.js';
import { pump } from '../../operators/pump.js';
import { search } from '../../operators/search.js';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { parseMetrics } from '../../src/metrics/registry.js';
import type { Device } from '../../src/runtime/devices.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { answer, childArgument, secondsSince } from '../child.js';
import { readNpy } from '../npy.js';

/* rankstream from vectors in memory to metrics: search with canonical re-scoring, relevance, metrics overall and by category; no reading. */
interface Argument {
  readonly folder: string;
  readonly k: number;
  readonly metrics: string;
  readonly threads: number;
  readonly device: Device;
  readonly batchRows: number;
}
const { folder, k, metrics, threads, device, batchRows } = childArgument<Argument>();

function load(side: 'q' | 'g'): EmbeddingBatch {
  const { data, rows } = readNpy(`${folder}/${side}.npy`);
  const column = (name: string) => vectorFromArray(Array.from(readNpy(`${folder}/${side}_${name}.npy`).data), new Int32());
  const columns = { label: column('labels'), category: column('categories') };
  return EmbeddingBatch.fromMatrix({ data: data as Float32Array, rows, dim: data.length / rows }, columns);
}

function batchesOf(all: EmbeddingBatch): EmbeddingBatch[] {
  return Array.from({ length: Math.ceil(all.rows / batchRows) }, (_, b) =>
    all.slice(b * batchRows, Math.min(all.rows, (b + 1) * batchRows)),
  );
}

const queries = batchesOf(load('q'));
const gallery = await Gallery.load([load('g')]);
let start = performance.now();
const searcher = await ExactSearcher.open(gallery, { threads, device });
const open = secondsSince(start);

const run = (source: EmbeddingBatch[]) =>
  pump(source, {}, search(gallery, { k, searcher }), evaluate(parseMetrics(metrics), { by: ['category'] })).last();
await run([queries[0].slice(0, Math.min(512, queries[0].rows))]);
start = performance.now();
const last = await run(queries);
const values = last?.snapshot();
const seconds = { open, 'search + metrics': secondsSince(start) };
await searcher.close();
answer({ seconds, metrics: values?.metrics, notes: { device: searcher.device } });
