import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { UserError } from '../../src/data/errors.js';
import { type ExtractorOptions, openExtractor } from '../../src/models/extractor.js';
import { fromFloat16 } from '../../src/models/float16.js';
import { readModelSpec } from '../../src/models/model-metadata.js';
import type { ModelSpec } from '../../src/models/model-spec.js';
import { NotFiniteError } from '../../src/models/not-finite.js';
import { BUNDLED_MODELS } from '../../src/models/zoo/places.js';
import { type Graph, onnxModel } from '../../src/runtime/onnx-graph.js';
import type { Tensor } from '../../src/runtime/onnx-session.js';
import { temporaryFolder } from '../support/tables.js';
import { doubling, meanColour, pooledTokens, positive, relative, root, tokens, twoOutputs } from './extractor-graphs.js';
import { writeModel } from './graphs.js';
import { tokenGraph, VOCABULARY } from './text-graphs.js';

const folder = temporaryFolder();
const tensorSpec: ModelSpec = { modality: 'tensor', input: {} };
let files = 0;

async function opened(graph: Graph, spec: Partial<ModelSpec> = {}, options: ExtractorOptions = {}) {
  const file = writeModel(folder, `model-${files++}.onnx`, graph);
  const extractor = await openExtractor({ name: file, file, spec: { ...tensorSpec, ...spec } }, options);
  onTestFinished(() => extractor.close());
  return extractor;
}

const input = (rows: readonly (readonly number[])[]) => ({
  input: { type: 'float32', data: Float32Array.from(rows.flat()), dims: [rows.length, rows[0].length] } as Tensor,
});
const lists = ({ data, rows, dim }: { data: Float32Array; rows: number; dim: number }) =>
  Array.from({ length: rows }, (_, row) => [...data.subarray(row * dim, (row + 1) * dim)]);
const small = fc.integer({ min: -50, max: 50 }).map((x) => x / 4);
const vectors = fc.array(fc.tuple(small, small, small), { minLength: 1, maxLength: 9 });

describe('an extractor', () => {
  it('gives a vector for each item, under whatever name the only input has', async () => {
    const extractor = await opened(doubling());
    expect(extractor).toMatchObject({ dim: 3, batch: undefined, device: 'cpu', spec: tensorSpec });
    expect(
      lists(
        await extractor.embed(
          input([
            [1, 2, 3],
            [-1, 0, 0.5],
          ]),
        ),
      ),
    ).toEqual([
      [2, 4, 6],
      [-2, 0, 1],
    ]);
    expect(lists(await extractor.embed({ x: input([[4, 5, 6]]).input }))).toEqual([[8, 10, 12]]);
  });

  it('takes batches of any size where the model takes one only', async () => {
    const fixed = await opened(doubling({ batch: 4 }));
    expect(fixed.batch).toBe(4);
    await fc.assert(
      fc.asyncProperty(vectors, async (rows) => {
        expect(lists(await fixed.embed(input(rows)))).toEqual(rows.map((row) => row.map((x) => 2 * x + 0)));
      }),
      { numRuns: 20 },
    );
  });

  it('converts to half precision and back, and between widths of integers', async () => {
    const half = await opened(doubling({ type: 'float16' }));
    expect(lists(await half.embed(input([[1, 0.1, -3]])))).toEqual([[2, fromFloat16(Uint16Array.of(0x2e66))[0] * 2, -6]]);
    const graph = tokens();
    const narrow = { ...graph, inputs: [graph.inputs[0], { ...graph.inputs[1], type: 'int32' as const }] };
    const extractor = await opened(narrow, { pooling: 'max' });
    const feeds = {
      x: { type: 'float32', data: Float32Array.of(1, 2, 3, 0), dims: [1, 2, 2] },
      attention_mask: int64([1, 1], [1, 2]),
    } as const;
    expect(lists(await extractor.embed(feeds))).toEqual([[3, 2]]);
  });

  it.each([
    [
      'mean',
      [
        [2, 1],
        [5, 6],
      ],
    ],
    [
      'cls',
      [
        [1, 2],
        [5, 6],
      ],
    ],
    [
      'max',
      [
        [3, 2],
        [5, 6],
      ],
    ],
  ] as const)('pools tokens that are no padding: %s', async (pooling, expected) => {
    const extractor = await opened(tokens(), { pooling });
    const x: Tensor = { type: 'float32', data: Float32Array.of(1, 2, 3, 0, 5, 6, 99, 99), dims: [2, 2, 2] };
    expect(lists(await extractor.embed({ x, attention_mask: int64([1, 1, 1, 0], [2, 2]) }))).toEqual(expected);
  });

  it('scales to length 1 when it is described so, after a head', async () => {
    const head = join(folder, 'weight.npy');
    writeFileSync(
      head,
      npy([
        [1, 0, 1],
        [0, 2, 0],
      ]),
    );
    const extractor = await opened(doubling(), { head: basename(head), normalise: true });
    expect(extractor.dim).toBe(2);
    // 2 x W^T = [8, 12] for x = [1, 3, 3], and at length 1.
    const [[a, b]] = lists(await extractor.embed(input([[1, 3, 3]])));
    expect([a, b]).toEqual([8 / Math.hypot(8, 12), 12 / Math.hypot(8, 12)].map(Math.fround));
  });

  it('takes the output that its description names', async () => {
    expect(lists(await (await opened(twoOutputs(), { output: 'z' })).embed(input([[-1, 2, -3]])))).toEqual([[1, 2, 3]]);
    await expect(opened(twoOutputs())).rejects.toThrow(
      /has 2 outputs, y float32 \[batch, 3\], z float32 \[batch, 3\]; say which with "output: NAME"/,
    );
    await expect(opened(twoOutputs(), { output: 'zz' })).rejects.toThrow(/has no output "zz", only y .*; did you mean "z"\?/);
  });

  it('tells which item of a batch has no finite vector', async () => {
    const extractor = await opened(root());
    const error = await extractor
      .embed(
        input([
          [1, 4, 9],
          [1, -1, 0],
          [0, 0, 0],
          [-4, 1, 1],
        ]),
      )
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(NotFiniteError);
    expect(error.rows).toEqual([1, 3]);
    expect(error.message).toMatch(/the embedding of item 1 of the batch has NaN in it$/);
  });

  it.each([
    ['another side', { input: { ...input([[1, 2]]).input } }, 'the model takes x float32 [batch, 3], but items give x float32 [1, 2]'],
    ['another rank', { input: { type: 'float32', data: new Float32Array(3), dims: [1, 1, 3] } }, 'items give x float32 [1, 1, 3]'],
    ['another type', { input: int64([1, 2, 3], [1, 3]) }, 'items give x int64 [1, 3]'],
    ['another name', { y: input([[1, 2, 3]]).input }, 'the model has the input x float32 [batch, 3], but items give y'],
    ['too many', { x: input([[1, 2, 3]]).input, y: input([[1, 2, 3]]).input }, 'but items give x, y'],
  ] as const)('refuses feeds of %s', async (_, feeds, message) => {
    await expect((await opened(doubling())).embed(feeds)).rejects.toThrow(message);
  });

  it('refuses a model that compares pairs, one of tokens without pooling, and pooling without tokens', async () => {
    const file = join(BUNDLED_MODELS, 'icon-siamese.onnx');
    await expect(openExtractor({ name: file, file, spec: tensorSpec })).rejects.toThrow(
      /icon-siamese.onnx: takes two items, x1 float32 \[batch, 1, 64, 64\] and x2 .*: it compares pairs \(--with rerank:icon-siamese.onnx@10\)/,
    );
    await expect(opened(tokens())).rejects.toThrow(
      /gives float32 or float16 \[batch, dim\], not y float32 \[batch, tokens, 2\]; tokens .* need "pooling: mean"/,
    );
    await expect(opened(doubling(), { pooling: 'cls' })).rejects.toThrow(
      /where its description says "pooling: cls", not y float32 \[batch, 3\]; where its graph pools itself, leave "pooling" out$/,
    );
  });

  it('shows how to describe one that nothing describes, by lines that fit it', async () => {
    const shown = async (graph: Graph) => {
      const file = writeModel(folder, `bare-${files++}.onnx`, graph);
      const error: Error = await openExtractor({ name: file, file }).catch((thrown) => thrown);
      expect(error.message).toContain(`write ${basename(file, '.onnx')}.yaml beside it, for example with the lines `);
      const lines = [...(error.message.split(' the lines ')[1] ?? '').matchAll(/"([^"]+)"/g)].map(([, line]) => line);
      writeFileSync(file.replace('.onnx', '.yaml'), lines.join('\n'));
      const spec = await readModelSpec(file);
      await (await openExtractor({ name: file, file, spec })).close();
      return spec;
    };
    expect(await shown(meanColour(32))).toEqual({ modality: 'image', input: { transform: { name: 'norm_resize_torch', size: 32 } } });
    expect(await shown(tokenGraph(4))).toEqual({ modality: 'text', input: {}, pooling: 'mean', normalise: true });
    expect(await shown(pooledTokens(4))).toEqual({ modality: 'text', input: {}, normalise: true });
  });

  it('tells in one line what its graph refuses', async () => {
    const nodes = [{ type: 'Add', inputs: ['x', 'three'], outputs: ['y'] }];
    const failing = await opened({
      ...doubling({ shape: ['n'] }),
      nodes,
      constants: [{ name: 'three', values: Float32Array.of(1, 2, 3) }],
    });
    const error: Error = await failing.embed(input([[1, 2]])).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toMatch(/model-\d+\.onnx: the model fails on x float32 \[1, 2\]: [^\n]+$/);
    const model = await opened(tokenGraph(4), { pooling: 'mean' });
    const ids = { type: 'int64', data: BigInt64Array.of(BigInt(VOCABULARY)), dims: [1, 1] } as Tensor;
    const mask = { type: 'int64', data: BigInt64Array.of(1n), dims: [1, 1] } as Tensor;
    await expect(model.embed({ input_ids: ids, attention_mask: mask })).rejects.toThrow(
      /the model fails on input_ids int64 \[1, 1\].*; where it is for shorter texts, say so by "max-length" in its description$/,
    );
  });

  it('refuses what is no model, and one that is not there', async () => {
    const file = join(folder, 'text.onnx');
    writeFileSync(file, 'not a model, but long enough to be read');
    await expect(openExtractor({ name: file, file, spec: tensorSpec })).rejects.toThrow(
      /text.onnx: the model cannot be opened on device cpu/,
    );
    await expect(openExtractor({ name: file, file })).rejects.toThrow(/text.onnx: /);
    await expect(openExtractor({ name: 'x', file: join(folder, 'none.onnx') })).rejects.toThrow(
      /none.onnx: the model cannot be read \(no such file\)/,
    );
  });

  it('has a key that changes with all that decides an embedding, and with nothing else', async () => {
    const key = async (graph: Graph, spec: Partial<ModelSpec> = {}, options: ExtractorOptions = {}) =>
      (await opened(graph, spec, options)).key;
    const plain = await key(doubling());
    expect(await key(doubling(), {}, { threads: 1 })).toBe(plain);
    writeFileSync(join(folder, 'head-a.onnx'), onnxModel(positive(3)));
    writeFileSync(join(folder, 'head-b.onnx'), onnxModel(doubling()));
    const others = await Promise.all([
      key(root()),
      key(doubling(), { normalise: true }),
      key(doubling(), { head: 'head-a.onnx' }),
      key(doubling(), { head: 'head-b.onnx' }),
    ]);
    expect(new Set([plain, ...others]).size).toBe(5);
    expect(plain).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is the same for any number of threads', async () => {
    const file = join(BUNDLED_MODELS, 'icon-embedder.onnx');
    const run = async (threads: number) => {
      const extractor = await openExtractor({ name: file, file, spec: tensorSpec }, { threads });
      onTestFinished(() => extractor.close());
      const data = Float32Array.from({ length: 5 * 4096 }, (_, i) => ((i * 7919) % 256) / 255);
      return Buffer.from((await extractor.embed({ input: { type: 'float32', data, dims: [5, 1, 64, 64] } })).data.buffer);
    };
    expect(await run(1)).toEqual(await run(2));
  });

  it('depends on the batch where the model does', async () => {
    const { batchMatters } = await import('../../src/models/batch-probe.js');
    const items = [
      [1, 2, 3],
      [5, 4, 6],
      [0, 7, 1],
    ];
    const feeds = (some: readonly number[]) => input(some.map((i) => items[i]));
    expect(await batchMatters(await opened(doubling()), feeds, 3, 8)).toBe(false);
    expect(await batchMatters(await opened(relative()), feeds, 3, 8)).toBe(true);
  });
});

function int64(values: readonly number[], dims: readonly number[]): Tensor {
  return { type: 'int64', data: BigInt64Array.from(values, BigInt), dims };
}

/** A matrix as numpy.save writes it. */
function npy(rows: readonly (readonly number[])[]): Buffer {
  const header = `${`{'descr': '<f4', 'fortran_order': False, 'shape': (${rows.length}, ${rows[0].length}), }`.padEnd(117)}\n`;
  const head = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header}`, 'latin1');
  return Buffer.concat([head, Buffer.from(Float32Array.from(rows.flat()).buffer)]);
}
