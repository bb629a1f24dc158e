import { describe, expect, it } from 'vitest';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { built } from '../../src/runtime/built.js';
import { Thread } from '../../src/runtime/thread.js';
import { type Arithmetic, CPU_ARITHMETIC, GPU_ARITHMETIC, NO_ARITHMETIC, TF32_ARITHMETIC } from '../../src/search/bound.js';
import { groupOf, mostRows } from '../../src/search/device-limits.js';
import { FloatEngine } from '../../src/search/float-engine.js';
import { onnxPasses } from '../../src/search/onnx-pass.js';
import type { RescoreAnswer, RescoreRequest, SurveyAnswer } from '../../src/search/rescore-worker.js';
import { bruteForce, grid } from './support.js';

const [ROWS, QUERIES, DIM, K] = [900, 20, 12, 9];
const gallery = grid(ROWS, DIM, 3, 1000);
const queries = grid(QUERIES, DIM, 4, 1000);
const loaded = await Gallery.load([EmbeddingBatch.fromMatrix(gallery)], { shardBytes: 500 * DIM * 4 });
const block = { queries: queries.data, rows: QUERIES, k: K, firstQuery: 0, ignored: new Int32Array(QUERIES) };

const expected = Array.from({ length: QUERIES }, (_, q) => q).flatMap((q) =>
  bruteForce(gallery, queries.data.subarray(q * DIM, (q + 1) * DIM), 'l2', K, () => false).map(([, row]) => row),
);

async function searched(arithmetic: Arithmetic, partRows?: number) {
  const engine = await FloatEngine.open(loaded, 'l2', onnxPasses({ device: 'cpu', threads: 2, partRows }), async () => arithmetic);
  let ids: number[] = [];
  let retried = -1;
  await engine.search(block, (found) => {
    ids = [...found.ids.subarray(0, QUERIES * K)];
    retried = found.retried;
  });
  await engine.close();
  return { ids, retried };
}

describe('FloatEngine', () => {
  it.each([200, 499])('gives the same in parts of %i rows', async (partRows) => {
    const { ids } = await searched(CPU_ARITHMETIC, partRows);
    expect(ids).toEqual(expected);
  });

  it.each([
    ['graphics devices', GPU_ARITHMETIC],
    ['TF32', TF32_ARITHMETIC],
    ['unknown', NO_ARITHMETIC],
  ])('is proven under wider bounds too: %s', async (_, arithmetic) => {
    const { ids } = await searched(arithmetic);
    expect(ids).toEqual(expected);
  });

  it('looks again, wider, at the queries whose proof does not close, all of them where nothing is known', async () => {
    expect((await searched(CPU_ARITHMETIC)).retried).toBe(0);
    expect((await searched(NO_ARITHMETIC)).retried).toBe(QUERIES);
  });
});

describe('scores that are no numbers', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%d: the query is compared with all rows', async (wrong) => {
    const thread = new Thread(built(import.meta.url.replace('/tests/', '/src/'), 'rescore-worker.js'));
    const { shards, dim } = loaded.vectors;
    const about = { shards, dim, distance: 'l2' as const };
    const { parts, twins, largest } = await thread.call<SurveyAnswer>('survey', { ...about, partRows: ROWS });
    await thread.call('open', { gallery: { ...about, twins }, parts, largest, arithmetic: CPU_ARITHMETIC });
    // Candidates as a device would give them that has gone wrong: the first rows for each query, with scores that would prove them.
    const width = 40;
    const candidates = parts.map(() => ({
      ids: Int32Array.from({ length: QUERIES * width }, (_, i) => i % width),
      values: new Float32Array(QUERIES * width).fill(1e30),
    }));
    for (let q = 0; q < QUERIES; q++) candidates[q % parts.length].values[q * width + (q % width)] = wrong;
    const memory = () => new SharedArrayBuffer(QUERIES * K * 4);
    const ids = new Int32Array(memory());
    const request: RescoreRequest = { ...block, candidates, ids, distances: new Float32Array(memory()) };
    const answer = await thread.call<RescoreAnswer>('rescore', request);
    expect(answer).toMatchObject({ blind: QUERIES, open: new Int32Array(0) });
    expect([...ids]).toEqual(expected);
    await thread.close();
  });
});

describe('the limits of a device', () => {
  it.each([1, 15, 16, 384, 4096, 100_000])('dimension %i: a part and the scores of the smallest block fit a WebGPU buffer', (dim) => {
    const rows = mostRows('webgpu', dim);
    expect(rows * dim * 4).toBeLessThanOrEqual(2 ** 27);
    expect(rows * 16 * 4).toBeLessThanOrEqual(2 ** 27);
    expect((rows + 1) * Math.max(dim, 16) * 4).toBeGreaterThan(2 ** 27);
    const group = groupOf('webgpu', rows) ?? 1;
    expect(Math.ceil(rows / group) * group * 16 * 4).toBeLessThanOrEqual(2 ** 27);
  });

  it('groups only what WebGPU does not sort at once', () => {
    expect(groupOf('webgpu', 2048)).toBeUndefined();
    expect(groupOf('webgpu', 60_502)).toBe(16);
    expect([groupOf('cpu', 60_502), groupOf('cuda', 60_502)]).toEqual([undefined, undefined]);
  });
});
