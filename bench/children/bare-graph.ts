import * as ort from 'onnxruntime-node';
import { squaredNorm } from '../../src/search/canonical.js';
import { BIAS_DATA, GALLERY_DATA, topKGraph } from '../../src/search/topk-graph.js';
import { answer, childArgument, secondsSince } from '../child.js';
import { readNpy } from '../npy.js';

/*
 * The fast pass alone, as anyone would run it with onnxruntime-node: Gemm and TopK over the prepacked gallery, in a loop, in the main thread. No
 * re-scoring, no order, no metrics: the time below which an engine on this graph cannot come.
 */
const { folder, k, batches, threads } = childArgument<{ folder: string; k: number; batches: number[]; threads: number }>();

const queries = readNpy(`${folder}/q.npy`);
const gallery = readNpy(`${folder}/g.npy`);
const dim = gallery.data.length / gallery.rows;
const bias = Float32Array.from({ length: gallery.rows }, (_, row) => squaredNorm(gallery.data.subarray(row * dim, (row + 1) * dim)));
const bytes = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

let start = performance.now();
const session = await ort.InferenceSession.create(topKGraph({ rows: gallery.rows, dim, alpha: -2 }), {
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  externalData: [
    { path: GALLERY_DATA, data: bytes(gallery.data as Float32Array) },
    { path: BIAS_DATA, data: bytes(bias) },
  ],
});
const open = secondsSince(start);

const count = new ort.Tensor('int64', BigInt64Array.of(BigInt(k)), [1]);
async function run(batch: number, rows: number): Promise<void> {
  for (let first = 0; first < rows; first += batch) {
    const last = Math.min(rows, first + batch);
    const data = queries.data.subarray(first * dim, last * dim) as Float32Array;
    await session.run({ queries: new ort.Tensor('float32', data, [last - first, dim]), k: count });
  }
}

const times: number[] = [];
for (const batch of batches) {
  await run(batch, Math.min(queries.rows, batch * 2));
  start = performance.now();
  await run(batch, queries.rows);
  times.push(secondsSince(start));
}
answer({ seconds: { open, search: Math.min(...times) } });
