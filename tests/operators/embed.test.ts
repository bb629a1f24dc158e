import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Int32, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbedOptions, embed, embedItems, type Pump, pump, search } from '../../operators/index.js';
import type { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { UserError } from '../../src/data/errors.js';
import { Gallery } from '../../src/data/gallery.js';
import { type Dataset, embeddingCache, itemTable, type Part, type RowRange, rowRanges } from '../../src/datasets/index.js';
import { type Extractor, openExtractor } from '../../src/models/extractor.js';
import { BUNDLED_MODELS } from '../../src/models/zoo/places.js';
import { vectorDataset } from '../datasets/vector-dataset.js';
import { collect } from '../io/support.js';
import { doubling, relative, root } from '../models/extractor-graphs.js';
import { writeModel } from '../models/graphs.js';
import { random, temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const spec = { modality: 'vectors', input: {} };
let caches = 0;
const newCache = () => embeddingCache(join(folder, `cache-${caches++}`));

const SIDE = 64;
const next = random(7);
/** Blots of ink of every size. */
const pictures = Array.from({ length: 30 }, (_, i) => Array.from({ length: SIDE * SIDE }, () => Number(next() < i / 30)));

/** The icon embedder, in runs of one thread and of two. */
let icons: readonly Extractor[];
let twice: Extractor;
let relatives: Extractor;
let roots: Extractor;
/** What the icon embedder makes of each picture alone. */
let alone: readonly (readonly number[])[];

beforeAll(async () => {
  const icon = { name: 'icons', file: join(BUNDLED_MODELS, 'icon-embedder.onnx'), spec };
  const made = (name: string, graph: Parameters<typeof writeModel>[2]) =>
    openExtractor({ name, file: writeModel(folder, `${name}.onnx`, graph), spec }, { threads: 1 });
  [icons, [twice, relatives, roots]] = await Promise.all([
    Promise.all([1, 2].map((threads) => openExtractor(icon, { threads }))),
    Promise.all([made('twice', doubling()), made('relatives', relative()), made('roots', root())]),
  ]);
  const dataset = pictureDataset();
  alone = await Promise.all(pictures.map(async (_, row) => [...(await icons[0].embed(dataset.collate([await dataset.load(row)]))).data]));
});
afterAll(() => Promise.all([...icons, twice, relatives, roots].map((extractor) => extractor.close())));

const pictureDataset = (delay?: (row: number) => number) => vectorDataset(pictures, delay, [1, SIDE, SIDE]);
const numbers = (count: number): number[][] => Array.from({ length: count }, (_, i) => [i + 1, (i * 7) % 5, (i * 3) % 11]);
const lists = (batches: readonly EmbeddingBatch[]) =>
  batches.flatMap(({ data, rows, dim }) => Array.from({ length: rows }, (_, row) => [...data.subarray(row * dim, (row + 1) * dim)]));

function embedded(extractor: Extractor, dataset: Dataset, ranges: Iterable<RowRange>, options?: EmbedOptions, inFlight?: number) {
  return collect(pump(ranges, { inFlight }, embed(extractor, dataset, options)));
}

/** Takes what comes until it fails. */
async function untilFailure<T>(running: Pump<T>): Promise<{ given: T[]; error: unknown }> {
  const given: T[] = [];
  try {
    for await (const value of running) given.push(value);
  } catch (error) {
    return { given, error };
  }
  throw new Error('nothing failed');
}

describe('embed', () => {
  it('keeps the order, and gives the same bytes whatever the batch, the ranges, the threads, and the order in which items arrive', () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({
          extractor: fc.constantFrom(0, 1),
          rows: fc.integer({ min: 1, max: 40 }),
          batch: fc.integer({ min: 1, max: 35 }),
          inFlight: fc.integer({ min: 1, max: 4 }),
          cached: fc.boolean(),
          delays: fc.infiniteStream(fc.constantFrom(0, 0, 1, 4)),
        }),
        async ({ extractor, rows, batch, inFlight, cached, delays }) => {
          const dataset = pictureDataset(() => delays.next().value);
          const columns = { number: vectorFromArray(Array.from(pictures.keys()), new Int32()) };
          const options = { batch, columns, cache: cached ? newCache() : undefined };
          const ranges = [...rowRanges(pictures.length, rows)];
          const batches = await embedded(icons[extractor], dataset, ranges, options, inFlight);
          expect(batches.map(({ firstRow, rows: count }) => ({ firstRow, rows: count }))).toEqual(ranges);
          expect(lists(batches)).toEqual(alone);
          expect(batches.flatMap(({ columns: { number } }) => [...number])).toEqual([...pictures.keys()]);
        },
      ),
      { numRuns: 12 },
    ));

  it('takes ranges in any order, also one twice', async () => {
    const ranges = [
      { firstRow: 6, rows: 3 },
      { firstRow: 0, rows: 2 },
      { firstRow: 7, rows: 2 },
    ];
    const batches = await embedded(twice, vectorDataset(numbers(9)), ranges, { batch: 2 });
    expect(lists(batches)).toEqual([6, 7, 8, 0, 1, 7, 8].map((row) => numbers(9)[row].map((x) => 2 * x)));
    // They are rows of what comes out.
    expect(batches.map(({ firstRow }) => firstRow)).toEqual([0, 3, 5]);
  });

  it('keeps embeddings by their batch only where a model makes it matter', async () => {
    const reused = async (extractor: Extractor, dataset: Dataset) => {
      const cache = newCache();
      const parts: Part[] = [];
      const run = async (batch: number) =>
        lists(await embedded(extractor, dataset, rowRanges(dataset.size, 10), { batch, cache, onPart: (part) => parts.push(part) }));
      const first = await run(4);
      expect(await run(4)).toEqual(first);
      const other = await run(5);
      const fromCache = parts.map((part) => part.fromCache);
      const each = Math.ceil(dataset.size / 10);
      expect(fromCache.slice(0, 2 * each)).toEqual([...Array(each).fill(false), ...Array(each).fill(true)]);
      return { reused: fromCache.slice(2 * each).every(Boolean), same: String(other) === String(first) };
    };
    expect(await reused(icons[0], pictureDataset())).toEqual({ reused: true, same: true });
    expect(await reused(relatives, vectorDataset(numbers(20)))).toEqual({ reused: false, same: false });
  });

  it('stops at the first broken item: what was before it comes out, and nothing is begun behind it', async () => {
    const broken = numbers(100).map((vector, row) => (row === 23 || row === 21 ? undefined : vector));
    // The first of them is found out last.
    const dataset = vectorDataset(broken, (row) => (row === 21 ? 20 : 0));
    const { given, error } = await untilFailure(pump(rowRanges(100, 10), {}, embed(twice, dataset, { batch: 5 })));
    expect(lists(given)).toEqual(numbers(20).map((vector) => vector.map((x) => 2 * x)));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ message: 'vectors, row 21: broken', stage: 'embed', batch: 2 });
    expect(Math.max(...dataset.loaded)).toBeLessThan(50);
  });

  it('leaves broken items out where it should, with their columns, and tells of each range', async () => {
    const isBroken = (row: number) => row === 1 || (row >= 6 && row < 9);
    const vectors = numbers(11).map((vector, row) => (isBroken(row) ? undefined : row === 9 ? [1, -1, 1] : vector));
    const parts: Part[] = [];
    const options: EmbedOptions = {
      batch: 2,
      onError: 'skip',
      columns: { number: vectorFromArray(Array.from(vectors.keys()), new Int32()) },
      onPart: (part) => parts.push(part),
    };
    const batches = await embedded(roots, vectorDataset(vectors), rowRanges(11, 3), options);
    expect(batches.map(({ columns: { number } }) => [...number])).toEqual([[0, 2], [3, 4, 5], [], [10]]);
    expect(batches.map(({ firstRow }) => firstRow)).toEqual([0, 2, 5, 5]);
    expect(lists(batches)).toEqual([0, 2, 3, 4, 5, 10].map((row) => numbers(11)[row].map((x) => Math.fround(Math.sqrt(x)))));
    expect(parts.map(({ broken }) => broken.map(({ row }) => row))).toEqual([[1], [], [6, 7, 8], [9]]);
    expect(parts.flatMap(({ broken }) => broken.map(({ reason }) => reason))).toEqual([
      ...[1, 6, 7, 8].map((row) => `vectors, row ${row}: broken`),
      'row 9: its embedding is not finite',
    ]);
  });

  it('has a bounded number of items in flight, however slow its consumer is', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 3 }),
        async (rows, batch, inFlight) => {
          let most = 0;
          const dataset = vectorDataset(numbers(60), (row) => {
            most = Math.max(most, dataset.loading);
            return row % 2;
          });
          let delivered = 0;
          for await (const { rows: count } of pump(rowRanges(60, rows), { inFlight }, embed(twice, dataset, { batch }))) {
            expect(dataset.loaded.length - delivered).toBeLessThanOrEqual(inFlight * rows);
            await setTimeout(1);
            delivered += count;
          }
          expect([delivered, dataset.loaded.length]).toEqual([60, 60]);
          expect(most).toBeLessThanOrEqual(4 * batch);
        },
      ),
      { numRuns: 8 },
    ));

  it('begins nothing any more when nobody wants more of it', async () => {
    const dataset = vectorDataset(numbers(200), () => 1);
    let begun = 0;
    for await (const _ of pump(rowRanges(200, 40), {}, embed(twice, dataset, { batch: 2 }))) {
      begun = dataset.loaded.length;
      break;
    }
    expect(begun).toBeLessThan(80);
    await setTimeout(50);
    expect(dataset.loaded.length).toBeLessThanOrEqual(begun + 6);
  });

  it('gives a model two batches at one time at most, so that it can be stopped soon', async () => {
    let [now, most, runs] = [0, 0, 0];
    const slow: Extractor = {
      ...twice,
      async embed(feeds) {
        runs++;
        most = Math.max(most, ++now);
        await setTimeout(5);
        now--;
        return twice.embed(feeds);
      },
    };
    for await (const _ of pump(rowRanges(60, 4), {}, embed(slow, vectorDataset(numbers(60)), { batch: 2 }))) break;
    const begun = runs;
    await setTimeout(30);
    expect([most, runs]).toEqual([2, begun]);
  });
});

describe('embedItems', () => {
  /** Items that are numbers, and which of their datasets are open. */
  function stream(values: readonly (readonly number[] | undefined)[], sizes: readonly number[], delay: (row: number) => number) {
    let at = 0;
    const tables = sizes.map((size, i) => {
      at += size;
      const rows = Array.from({ length: size }, (_, row) => at - size + row);
      return itemTable(`table ${i}`, { number: vectorFromArray(rows, new Int32()) });
    });
    const open = { now: 0, ever: 0 };
    const dataset = (items: ReturnType<typeof itemTable>): Dataset => {
      open.now++;
      open.ever++;
      return {
        ...vectorDataset(
          [...items.columns.number].map((number) => values[number]),
          delay,
        ),
        close: async () => {
          open.now--;
        },
      };
    };
    return { tables, dataset, open };
  }

  it('embeds tables of any size as they come, in their order, with their columns, and closes their datasets', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 70 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 4 }),
        fc.infiniteStream(fc.constantFrom(0, 0, 2)),
        async (sizes, inFlight, delays) => {
          const total = sizes.reduce((sum, size) => sum + size, 0);
          const { tables, dataset, open } = stream(numbers(total), sizes, () => delays.next().value);
          const batches = await collect(pump(tables, { inFlight }, embedItems(twice, dataset)));
          expect(batches.map(({ rows }) => rows)).toEqual(sizes);
          expect(lists(batches)).toEqual(numbers(total).map((vector) => vector.map((x) => 2 * x)));
          expect(batches.flatMap(({ columns: { number } }) => [...number])).toEqual([...Array(total).keys()]);
          expect(batches.map(({ firstRow }) => firstRow)).toEqual(sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0)));
          expect(open).toEqual({ now: 0, ever: sizes.length });
        },
      ),
      { numRuns: 15 },
    ));

  it('stops at a broken item with its table, and closes what it opened', async () => {
    const { tables, dataset, open } = stream(
      numbers(9).map((vector, row) => (row === 5 ? undefined : vector)),
      [3, 3, 3],
      () => 0,
    );
    const { given, error } = await untilFailure(pump(tables, { inFlight: 1 }, embedItems(twice, dataset)));
    expect(given.map(({ rows }) => rows)).toEqual([3]);
    expect(error).toMatchObject({ message: 'vectors, row 2: broken', stage: 'embedItems', batch: 1 });
    expect(open).toEqual({ now: 0, ever: 2 });
  });

  it('answers queries that come one by one before the next is asked for', async () => {
    const gallery = await Gallery.load(pump(rowRanges(30, 8), {}, embed(twice, vectorDataset(numbers(30)), { columns: {} })));
    const { tables, dataset } = stream(numbers(30), Array(5).fill(1), () => 1);
    let asked = 0;
    let answered = 0;
    async function* questions() {
      for (const table of tables) {
        expect(asked++).toBe(answered);
        yield table;
      }
    }
    for await (const found of pump(questions(), { inFlight: 1 }, embedItems(twice, dataset), search(gallery, { k: 2 }))) {
      expect([found.length, found.retrievedIds(0)[0], found.distancesOf(0)[0]]).toEqual([1, answered++, 0]);
    }
    expect(answered).toBe(5);
  });
});
