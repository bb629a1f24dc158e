import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Context, ItemTensors } from '../../src/data/context.js';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import type { Pairs, PairwiseModel } from '../../src/models/pairwise-model.js';
import { openSiamese, type SiameseOptions } from '../../src/models/siamese.js';
import { rerank } from '../../src/postprocess/rerank.js';
import type { Graph } from '../../src/runtime/onnx-graph.js';
import { random, temporaryFolder } from '../support/tables.js';
import { concatGraph, nanGraph, pairDistance, pairGraph, writeModel } from './graphs.js';

const folder = temporaryFolder();
const opened: PairwiseModel[] = [];
afterAll(() => Promise.all(opened.map((model) => model.close?.())));

let files = 0;
async function siamese(graph: Graph, options: SiameseOptions = {}): Promise<PairwiseModel> {
  const model = await openSiamese(writeModel(folder, `model-${files++}.onnx`, graph), { threads: 1, ...options });
  opened.push(model);
  return model;
}

const QUERIES = 9;
const GALLERY = 14;
/** The values of an item: multiples of 1/8, so that half precision holds them and their sums. */
function valuesOf(kind: 'query' | 'gallery', row: number, size: number): Float32Array {
  const next = random((kind === 'query' ? 1 : 500) + 7919 * row);
  next();
  return Float32Array.from({ length: size }, () => Math.floor(next() * 65 - 32) / 8);
}

/** Queries with lists of several lengths, one of them empty. */
const lists = Array.from({ length: QUERIES }, (_, q) =>
  Array.from({ length: q === 4 ? 0 : 2 + ((q * 5) % 9) }, (_, i) => (q * 3 + i * 5) % GALLERY),
);
const bare = RetrievalResults.fromLists({ retrieved: lists, distances: lists.map((rows) => rows.map((_, i) => i)), firstRow: 20 });
const pairs = (rr: RetrievalResults): Pairs => ({
  rr,
  queries: Int32Array.from(lists.flatMap((rows, q) => rows.map(() => q))),
  rows: Int32Array.from(lists.flat()),
});
const TOTAL = lists.flat().length;

function matrix(kind: 'query' | 'gallery', rows: number, dim: number): EmbeddingBatch {
  const data = Float32Array.from(Array.from({ length: rows }, (_, row) => [...valuesOf(kind, row, dim)]).flat());
  return EmbeddingBatch.fromMatrix({ data, rows, dim });
}

/** The results with vectors of a dimension, and the gallery's. */
async function vectors(dim: number): Promise<{ rr: RetrievalResults; context: Context }> {
  const rr = RetrievalResults.trusted({ ...bare, queries: matrix('query', QUERIES, dim) });
  return { rr, context: { gallery: await Gallery.load([matrix('gallery', GALLERY, dim)]) } };
}

/** Items of a shape; how often each was loaded. */
function counted(shape: readonly number[]): { items: ItemTensors; loads: Map<string, number> } {
  const size = shape.reduce((product, side) => product * side, 1);
  const loads = new Map<string, number>();
  const load = async (kind: 'query' | 'gallery', row: number) => {
    loads.set(`${kind} ${row}`, (loads.get(`${kind} ${row}`) ?? 0) + 1);
    return valuesOf(kind, row, size);
  };
  return { loads, items: { shape, query: (_, position) => load('query', position), gallery: (row) => load('gallery', row) } };
}

/** What a model of these two values of items gives, pair by pair. */
function expected(size: number, distance: (x1: Float32Array, x2: Float32Array) => number): number[] {
  return lists.flatMap((rows, q) => rows.map((row) => distance(valuesOf('query', q, size), valuesOf('gallery', row, size))));
}

describe('a siamese model of embeddings', () => {
  it.each([false, true])('gives each pair its distance, query first, also as a column: %s', async (column) => {
    const model = await siamese(pairGraph({ shape: [3], column }));
    expect(model).toMatchObject({ needs: ['queries', 'gallery'], itemShape: [3] });
    const { rr, context } = await vectors(3);
    expect(Array.from(await model.distances(pairs(rr), context))).toEqual(expected(3, pairDistance));
  });

  it('averages both orders where it is asked to', async () => {
    const model = await siamese(pairGraph({ shape: [3] }), { bothOrders: true });
    const { rr, context } = await vectors(3);
    const both = (a: Float32Array, b: Float32Array) => (pairDistance(a, b) + pairDistance(b, a)) / 2;
    expect(Array.from(await model.distances(pairs(rr), context))).toEqual(expected(3, both));
  });

  it('takes and gives half precision', async () => {
    const model = await siamese(pairGraph({ shape: [3], type: 'float16' }));
    const { rr, context } = await vectors(3);
    expect(Array.from(await model.distances(pairs(rr), context))).toEqual(expected(3, pairDistance));
  });

  it('takes vectors of any dimension where the model does', async () => {
    const model = await siamese(pairGraph({ shape: ['dim'] }));
    const { rr, context } = await vectors(5);
    expect(Array.from(await model.distances(pairs(rr), context))).toEqual(expected(5, pairDistance));
  });

  it('gives the same distances for every batch size and number of threads, in runs of which only the last may be smaller', async () => {
    const graph = pairGraph({ shape: [3] });
    const { rr, context } = await vectors(3);
    const wanted = expected(3, pairDistance);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: TOTAL + 5 }), fc.constantFrom(1, 3), async (batchSize, threads) => {
        const runs: number[] = [];
        const model = await siamese(graph, { batchSize, threads });
        const told = { ...context, onPairs: (count: number) => runs.push(count) };
        expect(Array.from(await model.distances(pairs(rr), told))).toEqual(wanted);
        expect(
          runs
            .toSorted((a, b) => b - a)
            .slice(0, -1)
            .every((count) => count === batchSize),
        ).toBe(true);
        expect(runs).toHaveLength(Math.ceil(TOTAL / batchSize));
        expect(runs.reduce((sum, count) => sum + count, 0)).toBe(TOTAL);
      }),
      { numRuns: 8 },
    );
  });

  it('answers calls that overlap, each its own', async () => {
    const model = await siamese(pairGraph({ shape: [3] }), { batchSize: 7 });
    const { rr, context } = await vectors(3);
    const all = pairs(rr);
    const backwards = { rr, queries: all.queries.toReversed(), rows: all.rows.toReversed() };
    const [there, back] = await Promise.all([model.distances(all, context), model.distances(backwards, context)]);
    expect(Array.from(there)).toEqual(expected(3, pairDistance));
    expect(Array.from(back)).toEqual(Array.from(there).reverse());
  });

  it('re-ranks: the nearest by the model first, the same whatever the batches', async () => {
    const step = rerank(await siamese(pairGraph({ shape: [3] }), { batchSize: 5 }), { topN: 4 });
    const { rr, context } = await vectors(3);
    const after = await step.process(rr, context);
    lists.forEach((rows, q) => {
      const distance = (row: number) => pairDistance(valuesOf('query', q, 3), valuesOf('gallery', row, 3));
      const first = rows.slice(0, 4).sort((a, b) => distance(a) - distance(b));
      expect([...after.retrievedIds(q)]).toEqual([...first, ...rows.slice(4)]);
    });
    const parts = await Promise.all([rr.slice(0, 4), rr.slice(4, QUERIES)].map((part) => step.process(part, context)));
    expect(RetrievalResults.concat(parts).equals(after)).toBe(true);
  });
});

describe('a siamese model of items', () => {
  it('loads each item once, also for several batches of pairs', async () => {
    const model = await siamese(pairGraph({ shape: [1, 2, 2] }), { batchSize: 4, bothOrders: true });
    expect(model).toMatchObject({ needs: ['items'], itemShape: [1, 2, 2] });
    const { items, loads } = counted([1, 2, 2]);
    const both = (a: Float32Array, b: Float32Array) => (pairDistance(a, b) + pairDistance(b, a)) / 2;
    expect(Array.from(await model.distances(pairs(bare), { items }))).toEqual(expected(4, both));
    expect(loads.size).toBe(QUERIES - 1 + new Set(lists.flat()).size);
    expect([...loads.values()].every((count) => count === 1)).toBe(true);
  });

  it('in the form of ConcatSiamese: the query above the gallery item, the sigmoid of the logit', async () => {
    const model = await siamese(concatGraph(2, 3), { batchSize: 6 });
    expect(model).toMatchObject({ needs: ['items'], itemShape: [1, 2, 3] });
    const logit = (a: Float32Array, b: Float32Array) => Math.max(...a) - Math.max(...b);
    const sigmoid = (a: Float32Array, b: Float32Array) => Math.fround(1 / (1 + Math.exp(-logit(a, b))));
    expect(Array.from(await model.distances(pairs(bare), { items: counted([1, 2, 3]).items }))).toEqual(expected(6, sigmoid));
    const both = await siamese(concatGraph(2, 3), { bothOrders: true });
    // sigmoid(x) + sigmoid(-x) = 1: this model sees no difference any more.
    for (const distance of Array.from(await both.distances(pairs(bare), { items: counted([1, 2, 3]).items })))
      expect(distance).toBeCloseTo(0.5, 6);
  });

  it('in the form of ConcatSiamese, of several channels', async () => {
    const graph = concatGraph(2, 1);
    const model = await siamese({ ...graph, inputs: [{ name: 'x', type: 'float32', dims: ['batch', 3, 4, 1] }] });
    const sigmoid = (a: Float32Array, b: Float32Array) => Math.fround(1 / (1 + Math.exp(Math.max(...b) - Math.max(...a))));
    expect(Array.from(await model.distances(pairs(bare), { items: counted([3, 2, 1]).items }))).toEqual(expected(6, sigmoid));
  });
});

describe('what does not fit is refused', () => {
  const form =
    'a pairwise model has two inputs of one shape [batch, ...] (or one, of two pictures) and one output [batch], of any batch, not inputs ';
  const embeddings = pairGraph({ shape: [3] });
  const [first, second] = embeddings.inputs;
  const unlike: [string, Graph, string][] = [
    [
      'inputs of two shapes',
      { ...embeddings, inputs: [first, { ...second, dims: ['batch', 1] }] },
      'x1 float32 [batch, 3], x2 float32 [batch, 1] and outputs distance float32 [batch]',
    ],
    ['a batch of one size', pairGraph({ shape: [3], batch: 8 }), 'x1 float32 [8, 3], x2 float32 [8, 3] and outputs distance float32 [8]'],
    [
      'a vector for each pair',
      {
        ...embeddings,
        nodes: [{ type: 'Sub', inputs: ['x1', 'x2'], outputs: ['distance'] }],
        outputs: [{ name: 'distance', type: 'float32', dims: ['batch', 3] }],
      },
      'x1 float32 [batch, 3], x2 float32 [batch, 3] and outputs distance float32 [batch, 3]',
    ],
    [
      'an embedder: one input, of no two pictures',
      {
        nodes: [{ type: 'Abs', inputs: ['x'], outputs: ['y'] }],
        inputs: [{ name: 'x', type: 'float32', dims: ['n', 3] }],
        outputs: [{ name: 'y', type: 'float32', dims: ['n', 3] }],
      },
      'x float32 [n, 3] and outputs y float32 [n, 3]',
    ],
    [
      'whole numbers',
      {
        nodes: [{ type: 'Sub', inputs: ['x1', 'x2'], outputs: ['d'] }],
        inputs: ['x1', 'x2'].map((name) => ({ name, type: 'int64', dims: ['n'] })),
        outputs: [{ name: 'd', type: 'int64', dims: ['n'] }],
      },
      'x1 int64 [n], x2 int64 [n] and outputs d int64 [n]',
    ],
  ];

  it.each(unlike)('%s', async (_, graph, found) => {
    await expect(siamese(graph)).rejects.toThrow(form + found);
  });

  it('a file that is no model, and one that is not there', async () => {
    await expect(openSiamese('/nowhere/model.onnx')).rejects.toThrow('/nowhere/model.onnx: the model cannot be opened on device cpu: ');
    await expect(openSiamese(new URL(import.meta.url).pathname)).rejects.toThrow('the model cannot be opened on device cpu: ');
    await expect(openSiamese('model.onnx', { batchSize: 0 })).rejects.toThrow(
      'model.onnx: the batch size must be a positive integer, not 0',
    );
  });

  it('vectors or items of another shape, or none', async () => {
    const ofVectors = await siamese(embeddings);
    const { rr, context } = await vectors(4);
    await expect(ofVectors.distances(pairs(rr), context)).rejects.toThrow('the model takes items of shape [3], but these are [4]');
    await expect(ofVectors.distances(pairs(bare), context)).rejects.toThrow(
      'these results came without those of the queries; give --queries and --gallery',
    );
    await expect(ofVectors.distances(pairs(rr), {})).rejects.toThrow('came without those of the gallery');
    const other = RetrievalResults.trusted({ ...bare, queries: matrix('query', QUERIES, 3) });
    await expect(ofVectors.distances(pairs(other), context)).rejects.toThrow('queries of dimension 3, but a gallery of dimension 4');
    const ofItems = await siamese(pairGraph({ shape: [1, 2, 2] }));
    await expect(ofItems.distances(pairs(bare), {})).rejects.toThrow('compares the items themselves, and there are none');
    await expect(ofItems.distances(pairs(bare), { items: counted([3, 2, 2]).items })).rejects.toThrow(
      'shape [1,2,2], but these are [3,2,2]',
    );
  });

  it('a model whose output is of another shape than it says', async () => {
    // All differences, declared as one number for each pair.
    const graph: Graph = {
      ...embeddings,
      nodes: [
        { type: 'Sub', inputs: ['x1', 'x2'], outputs: ['signed'] },
        { type: 'Reshape', inputs: ['signed', 'flat'], outputs: ['distance'] },
      ],
      constants: [{ name: 'flat', values: BigInt64Array.of(-1n) }],
      outputs: [{ name: 'distance', type: 'float32', dims: ['other'] }],
    };
    const { rr, context } = await vectors(3);
    const running = (await siamese(graph, { batchSize: TOTAL })).distances(pairs(rr), context);
    await expect(running).rejects.toThrow(`: distance has ${3 * TOTAL} values for ${TOTAL} pairs; a pairwise model gives one for each`);
  });

  it('a NaN from the model, naming query and gallery item', async () => {
    const vector = (value: number) => Float32Array.of(value, value, value);
    const queries = EmbeddingBatch.fromMatrix({ data: Float32Array.of(...vector(5), ...vector(2)), rows: 2, dim: 3 });
    const gallery = await Gallery.load([EmbeddingBatch.fromMatrix({ data: Float32Array.of(...vector(1), ...vector(4)), rows: 2, dim: 3 })]);
    const lists = RetrievalResults.fromLists({
      retrieved: [
        [0, 1],
        [0, 1],
      ],
      distances: [
        [0, 1],
        [0, 1],
      ],
      firstRow: 6,
    });
    const step = rerank(await siamese(nanGraph(3)), { topN: 2 });
    await expect(step.process(RetrievalResults.trusted({ ...lists, queries }), { gallery })).rejects.toThrow(
      /^rerank: model-\d+\.onnx gave NaN for query 7 and gallery item 1; a distance must be finite in float32$/,
    );
  });
});
