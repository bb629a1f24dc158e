// Run by tests in a process of its own, for the library path must be set before a process starts. Answers one line of JSON for each line: a task of
// exact-properties.ts on the device that the command line names.
import { createInterface } from 'node:readline';
import { EmbeddingBatch, ExactSearcher, Gallery } from '../../dist/src/index.js';

const device = process.argv[2];
const bytesOf = (text) => new Uint8Array(Buffer.from(text, 'base64')).buffer;
const textOf = (values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
const matrixOf = ({ data, rows, dim }) => ({ data: new Float32Array(bytesOf(data)), rows, dim });

// One session stays open, for with the last one go the shaders that the device has compiled.
const anything = EmbeddingBatch.fromMatrix({ data: Float32Array.of(1), rows: 1, dim: 1 });
const warm = await ExactSearcher.open(await Gallery.load([anything]), { device });

for await (const line of createInterface({ input: process.stdin })) {
  const { gallery, queries, distance, k, self, shardBytes } = JSON.parse(line);
  const loaded = await Gallery.load([EmbeddingBatch.fromMatrix(matrixOf(gallery))], { shardBytes });
  const searcher = await ExactSearcher.open(loaded, { distance, device });
  const found = await searcher.search(matrixOf(queries), k, { self: self && new Int32Array(bytesOf(self)) });
  await searcher.close();
  const lists = { offsets: textOf(found.offsets), ids: textOf(found.ids), distances: textOf(found.distances) };
  process.stdout.write(`${JSON.stringify({ ...lists, retried: found.retried, exact: searcher.exact, device: searcher.device })}\n`);
}
await warm.close();
