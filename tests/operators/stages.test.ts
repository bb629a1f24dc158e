import { join } from 'node:path';
import { Int32, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  adaptiveThreshold,
  constantThreshold,
  evaluate,
  judge,
  measure,
  postprocess,
  pump,
  type RunningEvaluation,
  type Stage,
  search,
  stage,
  writeResults,
} from '../../operators/index.js';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import { labelRelevance, type Relevance } from '../../src/data/relevance.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { readRetrieval } from '../../src/io/retrieval-file.js';
import { Accumulator } from '../../src/metrics/accumulator.js';
import { cmc } from '../../src/metrics/cmc.js';
import { evaluation } from '../../src/metrics/evaluation.js';
import { map } from '../../src/metrics/map.js';
import { ExactSearcher } from '../../src/search/exact.js';
import { cut, cuts, judgedResults } from '../support/arbitraries.js';
import { clusters, temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const { vectors, label } = clusters(50, 5, 6);
const items = EmbeddingBatch.fromMatrix(
  { data: Float32Array.from(vectors.flat()), rows: 50, dim: 6 },
  { label: vectorFromArray(label, new Int32()) },
).withSelf(Int32Array.from({ length: 50 }, (_, row) => row));

let gallery: Gallery;
let searcher: ExactSearcher;
beforeAll(async () => {
  gallery = await Gallery.load([items]);
  searcher = await ExactSearcher.open(gallery);
});
afterAll(() => searcher.close());

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const value of values) out.push(value);
  return out;
}

let files = 0;
/** Every stage that takes and gives results. */
const STAGES: [string, () => Stage<RetrievalResults, RetrievalResults>][] = [
  ['constantThreshold', () => constantThreshold(0.6)],
  ['adaptiveThreshold', () => adaptiveThreshold(1)],
  ['postprocess', () => postprocess({ name: 'same', params: {}, process: (rr) => rr })],
  ['measure', () => measure(new Accumulator(evaluation({ metrics: [cmc(1)] })))],
  ['writeResults', () => writeResults(join(folder, `law-${files++}.arrow`))],
  ['stage', () => stage('same', (rr: RetrievalResults) => rr)],
];

describe('the law: one output for each input, in order', () => {
  it.each(STAGES)('%s', (_, make) =>
    fc.assert(
      fc.asyncProperty(
        judgedResults.chain((rr) => cuts(rr.length).map((sizes) => cut(rr, sizes))),
        fc.integer({ min: 1, max: 3 }),
        async (batches, inFlight) => {
          const out = await collect(pump(batches, { inFlight }, make()));
          expect(out.map((rr) => [...rr.rows])).toEqual(batches.map((rr) => [...rr.rows]));
        },
      ),
      { numRuns: 15 },
    ),
  );

  it('search', () =>
    fc.assert(
      fc.asyncProperty(cuts(50), fc.integer({ min: 1, max: 3 }), async (sizes, inFlight) => {
        const batches = cut<EmbeddingBatch>(items, sizes);
        const out = await collect(pump(batches, { inFlight }, search(gallery, { k: 7, searcher })));
        expect(out.map((rr) => rr.length)).toEqual(sizes);
        const whole = await collect(pump([items], {}, search(gallery, { k: 7, searcher })));
        expect(RetrievalResults.concat(out).equals(whole[0])).toBe(true);
      }),
      { numRuns: 10 },
    ));

  it('judge, behind a search', () =>
    fc.assert(
      fc.asyncProperty(cuts(50), fc.integer({ min: 1, max: 3 }), async (sizes, inFlight) => {
        const relevanceOf = (batch: EmbeddingBatch) => labelRelevance(gallery, batch) as Relevance;
        const stages = [search(gallery, { k: 7, searcher }), judge(relevanceOf)] as const;
        const out = await collect(pump(cut<EmbeddingBatch>(items, sizes), { inFlight }, ...stages));
        expect(out.map((rr) => rr.length)).toEqual(sizes);
        const [judgedBySearch] = await collect(pump([items], {}, search(gallery, { k: 7, searcher })));
        expect(RetrievalResults.concat(out).equals(judgedBySearch)).toBe(true);
      }),
      { numRuns: 5 },
    ));

  it('evaluate', () =>
    fc.assert(
      fc.asyncProperty(
        judgedResults.chain((rr) => cuts(rr.length).map((sizes) => [rr, cut(rr, sizes)] as const)),
        async ([whole, batches]) => {
          const make = () => evaluate([cmc(1), map(3)], { by: ['category'] });
          const seen: number[] = [];
          let last: RunningEvaluation | undefined;
          for await (const view of pump(batches, {}, make())) {
            seen.push(view.snapshot().queries);
            last = view;
          }
          expect(seen).toHaveLength(batches.length);
          expect(last?.snapshot()).toEqual((await pump([whole], {}, make()).last())?.snapshot());
        },
      ),
      { numRuns: 25 },
    ));
});

describe('search', () => {
  it('opens its own searcher and closes it; items are not their own results', async () => {
    const [rr] = await collect(pump([items], {}, search(gallery, { k: 3 })));
    for (let q = 0; q < 50; q++) expect([...rr.retrievedIds(q)]).not.toContain(q);
    expect(rr.info).toMatchObject({ gallerySize: 50, k: 3, distance: 'l2', device: 'cpu', fingerprint: gallery.fingerprint });
    expect(rr.numRelevant?.[0]).toBe(9);
  });

  it('retrieves all within a radius, the radius itself included', async () => {
    const [all] = await collect(pump([items], {}, search(gallery, { k: 49, searcher })));
    const radius = all.distancesOf(0)[12];
    const [rr] = await collect(pump([items], {}, search(gallery, { radius, searcher })));
    for (let q = 0; q < 50; q++) {
      const within = all.distancesOf(q).filter((distance) => distance <= radius).length;
      expect([...rr.retrievedIds(q)]).toEqual([...all.retrievedIds(q).subarray(0, within)]);
      expect([...rr.distancesOf(q)]).toEqual([...all.distancesOf(q).subarray(0, within)]);
    }
    expect(rr.info.k).toBeUndefined();
    expect(() => search(gallery, { radius: Number.NaN })).toThrow('the radius must be a number, not NaN');
  });

  it('refuses k = 0 when it is made', () => {
    expect(() => search(gallery, { k: 0 })).toThrow('k must be a positive integer, not 0');
  });
});

describe('evaluate', () => {
  it('is a live view, and a snapshot stands still', async () => {
    const batches = cut<EmbeddingBatch>(items, [20, 30]);
    let first: ReturnType<RunningEvaluation['snapshot']> | undefined;
    let view: RunningEvaluation | undefined;
    for await (const running of pump(batches, { inFlight: 1 }, search(gallery, { searcher }), evaluate([cmc(1)]))) {
      first ??= running.snapshot();
      view = running;
    }
    expect(first?.queries).toBe(20);
    expect(view?.queries).toBe(50);
  });
});

describe('writeResults', () => {
  it('writes what passes, and the file is complete when the pump ends', async () => {
    const file = join(folder, 'written.parquet');
    const passed = await collect(pump(cut<EmbeddingBatch>(items, [13, 30, 7]), {}, search(gallery, { searcher }), writeResults(file)));
    const read = RetrievalResults.concat(await collect(readRetrieval(file)));
    expect(read.equals(RetrievalResults.concat(passed))).toBe(true);
  });
});
