import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OnnxSession } from '../../src/runtime/onnx-session.js';
import { BIAS_DATA, GALLERY_DATA, topKGraph } from '../../src/search/topk-graph.js';
import { grid } from './support.js';

it('by groups of rows: the k smallest scores, each with its row', async () => {
  const [queries, dim] = [3, 4];
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 200 }),
      fc.constantFrom(1, 2, 8, 64),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer(),
      async (rows, group, share, seed) => {
        const k = Math.max(1, Math.round(rows * share));
        const [gallery, bias, query] = [grid(rows, dim, seed).data, grid(rows, 1, seed + 1, 9).data, grid(queries, dim, seed + 2).data];
        const externalData = [
          { path: GALLERY_DATA, data: new Uint8Array(gallery.buffer) },
          { path: BIAS_DATA, data: new Uint8Array(bias.buffer) },
        ];
        const session = await OnnxSession.open(topKGraph({ rows, dim, alpha: -2, group }), { threads: 1, externalData });
        const { ids, values } = await session.run({
          queries: { type: 'float32', data: query, dims: [queries, dim] },
          k: { type: 'int64', data: BigInt64Array.of(BigInt(k)), dims: [1] },
        });
        await session.close();
        for (let q = 0; q < queries; q++) {
          const scores = Array.from(bias, (b, row) => {
            let score = b;
            for (let d = 0; d < dim; d++) score -= 2 * query[q * dim + d] * gallery[row * dim + d];
            return score;
          });
          const found = [...ids.data.subarray(q * k, (q + 1) * k)].map(Number);
          expect(new Set(found).size).toBe(k);
          const ofFound = found.map((row) => scores[row]);
          expect([...values.data.subarray(q * k, (q + 1) * k)]).toEqual(ofFound);
          expect(ofFound.sort((a, b) => a - b)).toEqual(scores.sort((a, b) => a - b).slice(0, k));
        }
      },
    ),
    { numRuns: 25 },
  );
});
