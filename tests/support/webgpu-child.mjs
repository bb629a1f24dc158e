// Run by tests in a process of its own, for the library path must be set before a process starts. Prints what it saw as JSON.
import { availableDevices, resolveDevice } from '../../dist/src/runtime/devices.js';
import { OnnxSession } from '../../dist/src/runtime/onnx-session.js';
import { BIAS_DATA, GALLERY_DATA, topKGraph } from '../../dist/src/search/topk-graph.js';

const [QUERIES, ROWS, DIM, K, SHARDS] = [200, 1000, 32, 10, 2];
const said = (error) => `${error.name}: ${error.message}`;
const seen = {
  devices: await availableDevices(),
  auto: await resolveDevice('auto'),
  webgpu: await resolveDevice('webgpu').catch(said),
  cuda: await resolveDevice('cuda').catch(said),
};
if (seen.webgpu === 'webgpu') {
  const queries = random(QUERIES * DIM, 1);
  // Two sessions at a time: they share one WebGPU device.
  const shards = await Promise.all(Array.from({ length: SHARDS }, (_, s) => search(queries, random(ROWS * DIM, 2 + s))));
  seen.wrong = shards.map(({ wrong }) => wrong);
  seen.wrongInto = shards.map(({ wrongInto }) => wrongInto);
  seen.broken = await OnnxSession.open(Uint8Array.of(1, 2, 3), { device: 'webgpu' }).catch(said);
}
process.stdout.write(`${JSON.stringify(seen)}\n`);

/** How many queries got other neighbours than brute force finds: by `run`, and by `runInto` twice over the same shared memory. */
async function search(queries, gallery) {
  const bias = Float32Array.from({ length: ROWS }, (_, row) => dot(gallery, row, gallery, row));
  const externalData = [
    { path: GALLERY_DATA, data: new Uint8Array(gallery.buffer) },
    { path: BIAS_DATA, data: new Uint8Array(bias.buffer) },
  ];
  const session = await OnnxSession.open(topKGraph({ rows: ROWS, dim: DIM, alpha: -2 }), { device: 'webgpu', externalData });
  const feeds = {
    queries: { type: 'float32', data: shared(queries), dims: [QUERIES, DIM] },
    k: { type: 'int64', data: BigInt64Array.of(BigInt(K)), dims: [1] },
  };
  const { ids } = await session.run(feeds);
  const into = new Int32Array(new SharedArrayBuffer(QUERIES * K * 4));
  let wrongInto = 0;
  for (let round = 0; round < 2; round++) {
    into.fill(-1);
    await session.runInto(feeds, { ids: { type: 'int32', data: into, dims: [QUERIES, K] } });
    wrongInto += wrong(into, queries, gallery, bias);
  }
  await session.close();
  return { wrong: wrong(ids.data, queries, gallery, bias), wrongInto };
}

function wrong(ids, queries, gallery, bias) {
  let count = 0;
  for (let q = 0; q < QUERIES; q++) {
    const scores = Array.from(bias, (b, row) => [b - 2 * dot(queries, q, gallery, row), row]).sort((a, b) => a[0] - b[0]);
    const right = scores.slice(0, K).map(([, row]) => row);
    if (right.sort().join() !== [...ids.subarray(q * K, (q + 1) * K)].sort().join()) count++;
  }
  return count;
}

function dot(a, i, b, j) {
  let sum = 0;
  for (let d = 0; d < DIM; d++) sum += a[i * DIM + d] * b[j * DIM + d];
  return sum;
}

function random(length, seed) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  return Float32Array.from({ length }, next);
}

function shared(values) {
  const copy = new Float32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}
