import { join } from 'node:path';
import { Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postprocess, pump, type Stage, stage } from '../../operators/index.js';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Gallery } from '../../src/data/gallery.js';
import type { Matrix } from '../../src/data/matrix.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { createRetrievalWriter } from '../../src/io/retrieval-file.js';
import type { Context, Postprocessor } from '../../src/postprocess/postprocessor.js';
import { closeChain, POSTPROCESSOR_NAMES, parsePostprocessor } from '../../src/postprocess/registry.js';
import { pairGraph, writeModel } from '../models/graphs.js';
import { cut, cuts, judgedResults } from '../support/arbitraries.js';
import { random, temporaryFolder } from '../support/tables.js';

const DIM = 3;
const folder = temporaryFolder();
const other = join(folder, 'other.arrow');
const model = writeModel(folder, 'model.onnx', pairGraph({ shape: [DIM] }));

/** A specification for each post-processor: a new one is a line here, and everything below holds for it. */
const EXAMPLES: Readonly<Record<string, string>> = {
  'constant-threshold': 'constant-threshold:0.8',
  'adaptive-threshold': 'adaptive-threshold:1.5',
  rerank: `rerank:${model}@3`,
  top: 'top:4',
  'min-max': 'min-max',
  'z-norm': 'z-norm',
  't-norm': 't-norm',
  's-norm': 's-norm',
  csls: 'csls:2',
  mmr: 'mmr:0.3@6',
  collapse: 'collapse:product',
  blend: `blend:${other}@0.4`,
  'k-reciprocal': 'k-reciprocal:4,2,0.3',
};

type Step = Postprocessor<unknown>;

/** What opens threads whenever it runs is tried less often, and not in chains. */
const SLOW = ['k-reciprocal'];

/** As many as `judgedResults` has gallery items and, at most, queries. */
const [GALLERY, QUERIES] = [31, 12];

function vectors(rows: number, seed: number): Matrix {
  const next = random(seed);
  return { data: Float32Array.from({ length: rows * DIM }, () => next() * 2 - 1), rows, dim: DIM };
}

const queries = EmbeddingBatch.fromMatrix(vectors(QUERIES, 1));
const steps: Step[] = [];
const context: { -readonly [K in keyof Context]: Context[K] } = {};

beforeAll(async () => {
  const product = vectorFromArray(
    Array.from({ length: GALLERY }, (_, row) => (row % 4 === 0 ? null : `p${row % 5}`)),
    new Utf8(),
  );
  const gallery = EmbeddingBatch.fromMatrix(vectors(GALLERY, 2), { product });
  context.gallery = await Gallery.load([gallery], { columns: ['product'] });
  context.columns = context.gallery.columns;
  await writeOther();
  for (const spec of Object.values(EXAMPLES)) steps.push(await parsePostprocessor(spec));
});
afterAll(() => closeChain(steps));

/** Other results of the same queries, for steps that take some. */
async function writeOther(): Promise<void> {
  const lists = Array.from({ length: QUERIES }, (_, q) => Array.from({ length: q % 7 }, (_, i) => (5 * q + 3 * i) % GALLERY));
  const writer = createRetrievalWriter(other);
  const rr = RetrievalResults.fromLists({
    retrieved: lists,
    distances: lists.map((items) => items.map((_, i) => i / 3)),
    relevant: lists.map((_, row) => relevantTo(row)),
    info: { gallerySize: GALLERY, distance: 'cosine' },
  });
  for (const part of [rr.slice(0, 5), rr.slice(5, QUERIES)]) await writer.write(part);
  await writer.close();
}

/** Results as a search gives them: with their queries. */
function withQueries(rr: RetrievalResults): RetrievalResults {
  return RetrievalResults.trusted({
    ...rr,
    queries: EmbeddingBatch.concat([queries.slice(0, 0), ...Array.from(rr.rows, (row) => queries.slice(row, row + 1))]),
  });
}

/** A step on results of which it has seen parts. */
async function applied(step: Step, parts: readonly RetrievalResults[]): Promise<RetrievalResults> {
  const given = parts.map(withQueries);
  const states = given.map((rr) => {
    const state = step.fit?.init();
    step.fit?.update(state, rr);
    return state;
  });
  for (const state of states.slice(1)) step.fit?.merge(states[0], state);
  const fitted = step.fit?.value(states[0]);
  return RetrievalResults.concat(await Promise.all(given.map((rr) => step.process(rr, context, fitted))));
}

/** What is relevant to a query, the same in all results. */
const relevantTo = (row: number) => Array.from({ length: row % 4 }, (_, i) => (7 * row + 5 * i) % GALLERY);
const alikeJudged = judgedResults.map((rr) =>
  RetrievalResults.fromLists({
    retrieved: Array.from(rr.rows, (_, q) => rr.retrievedIds(q)),
    distances: Array.from(rr.rows, (_, q) => rr.distancesOf(q)),
    relevant: Array.from(rr.rows, relevantTo),
    columns: rr.columns,
    info: rr.info,
  }),
);

/** Distances of any sign and size; the order stays. */
const anyDistances = fc
  .record({ rr: alikeJudged, shift: fc.constantFrom(0, 1, 20), scale: fc.constantFrom(1, 1, 2 ** -140, 2 ** 120) })
  .map(({ rr, shift, scale }) =>
    rr.rearranged(
      rr.offsets,
      Int32Array.from(rr.ids, (_, i) => i),
      rr.distances.map((distance) => (distance - shift) * scale),
    ),
  );

describe('the examples', () => {
  it('are one for each post-processor', () => {
    expect(Object.keys(EXAMPLES).sort()).toEqual([...POSTPROCESSOR_NAMES].sort());
    expect(steps.map(({ name }) => name)).toEqual(Object.keys(EXAMPLES));
  });
});

describe.each(Object.keys(EXAMPLES))('%s', (name) => {
  const step = () => steps.find((one) => one.name === name) as Step;
  const runs = { numRuns: SLOW.includes(name) ? 2 : 100 };

  it('makes valid results of any valid results, and leaves these as they were', () =>
    fc.assert(
      fc.asyncProperty(anyDistances, async (rr) => {
        const copy = rr.pick([...rr.rows.keys()]);
        const after = await applied(step(), [rr]);
        // Throws for ids that repeat, distances that fall or are NaN, and the like.
        RetrievalResults.checked(after, name);
        expect(after.distances.every(Number.isFinite)).toBe(true);
        expect(rr.equals(copy)).toBe(true);
        expect([after.rows, after.numRelevant, after.relevant]).toEqual([rr.rows, rr.numRelevant, rr.relevant]);
        expect([...(after.columns.category ?? [])]).toEqual([...rr.columns.category]);
      }),
      runs,
    ));

  it('keeps the gain of each item beside it', () =>
    fc.assert(
      fc.asyncProperty(alikeJudged, async (rr) => {
        const after = await applied(step(), [rr]);
        for (let q = 0; q < rr.length; q++) {
          const gains = new Map(Array.from(rr.retrievedIds(q), (id, i) => [id, rr.gains?.[rr.offsets[q] + i]]));
          after.retrievedIds(q).forEach((id, i) => {
            if (gains.has(id)) expect(after.gains?.[after.offsets[q] + i]).toBe(gains.get(id));
          });
        }
      }),
      runs,
    ));

  it('does not depend on batches', () =>
    fc.assert(
      fc.asyncProperty(
        anyDistances.chain((rr) => fc.record({ rr: fc.constant(rr), sizes: cuts(rr.length) })),
        async ({ rr, sizes }) => {
          expect((await applied(step(), cut(rr, sizes))).equals(await applied(step(), [rr]))).toBe(true);
        },
      ),
      runs,
    ));

  it('does not depend on the order of the queries', () =>
    fc.assert(
      fc.asyncProperty(
        anyDistances.chain((rr) =>
          fc.record({ rr: fc.constant(rr), order: fc.shuffledSubarray([...rr.rows.keys()], { minLength: rr.length }) }),
        ),
        async ({ rr, order }) => {
          const after = await applied(step(), [rr]);
          expect((await applied(step(), [rr.pick(order)])).equals(after.pick(order))).toBe(true);
        },
      ),
      runs,
    ));
});

describe('a batch without queries', () => {
  it.each(Object.keys(EXAMPLES))('%s takes it for what it is', async (name) => {
    const step = steps.find((one) => one.name === name) as Step;
    const [rr] = fc.sample(alikeJudged, { numRuns: 1, seed: 3 });
    const none = rr.slice(0, 0);
    expect((await applied(step, [none])).length).toBe(0);
    expect((await applied(step, [none, rr, none])).equals(await applied(step, [rr]))).toBe(true);
  });
});

describe('a chain', () => {
  it('equals its parts applied one by one, whatever the batches', () =>
    fc.assert(
      fc.asyncProperty(
        alikeJudged.chain((rr) => fc.record({ rr: fc.constant(rr), sizes: cuts(rr.length) })),
        fc.array(fc.constantFrom(...Object.keys(EXAMPLES).filter((name) => !SLOW.includes(name))), { minLength: 1, maxLength: 3 }),
        async ({ rr, sizes }, chosen) => {
          const chain = chosen.map((name) => steps.find((one) => one.name === name) as Step);
          let expected = rr;
          for (const step of chain) expected = await applied(step, [expected]);
          // A two-pass stage loses the queries.
          const stages = chain.flatMap((step): Stage<RetrievalResults, RetrievalResults>[] => [
            stage('queries', withQueries),
            postprocess(step, context, asSource()),
          ]);
          const parts: RetrievalResults[] = [];
          for await (const part of pump<RetrievalResults>(cut(rr, sizes), {}, ...(stages as Stage<never, unknown>[]))) parts.push(part);
          expect(RetrievalResults.concat(parts).equals(expected)).toBe(true);
        },
      ),
      { numRuns: 25 },
    ));
});

/** All queries, to be read along. */
function asSource(): AsyncIterable<EmbeddingBatch> {
  return {
    async *[Symbol.asyncIterator]() {
      yield queries;
    },
  };
}
