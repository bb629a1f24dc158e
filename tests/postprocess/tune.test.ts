import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { positionsByFold } from '../../src/metrics/folds.js';
import { map } from '../../src/metrics/map.js';
import { meanMetric } from '../../src/metrics/mean-metric.js';
import type { QueryMetric } from '../../src/metrics/metric.js';
import { precision } from '../../src/metrics/precision.js';
import { adaptiveThreshold } from '../../src/postprocess/adaptive-threshold.js';
import { constantThreshold } from '../../src/postprocess/constant-threshold.js';
import type { Postprocessor } from '../../src/postprocess/postprocessor.js';
import { top } from '../../src/postprocess/top.js';
import { type Tuned, type TuneOptions, tune } from '../../src/postprocess/tuning/tune.js';
import { cut, cuts, judgedResults } from '../support/arbitraries.js';

type Step = Postprocessor<unknown>;
type AlternativesOfSteps = Step[][];

/** A reader of batches, as often as asked; `reads` counts. */
function source(batches: readonly RetrievalResults[]) {
  const counted = { reads: 0 };
  return Object.assign(counted, {
    async *[Symbol.asyncIterator]() {
      counted.reads++;
      yield* batches;
    },
  });
}

function plainValue(metric: QueryMetric, rr: RetrievalResults): number {
  const accumulator = meanMetric(metric);
  const state = accumulator.init();
  accumulator.update(state, rr);
  return accumulator.value(state) as number;
}

/** A chain that learns from some queries, on others. */
async function applied(chain: readonly Step[], learned: RetrievalResults, rr: RetrievalResults): Promise<RetrievalResults> {
  let [from, to] = [learned, rr];
  for (const step of chain) {
    const state = step.fit?.init();
    step.fit?.update(state, from);
    const fitted = step.fit?.value(state);
    [from, to] = [await step.process(from, {}, fitted), await step.process(to, {}, fitted)];
  }
  return to;
}

/** All points, the last step varying fastest. */
function product(grid: AlternativesOfSteps): { choice: number[]; chain: Step[] }[] {
  const [first, ...rest] = grid;
  if (!first) return [{ choice: [], chain: [] }];
  return first.flatMap((step, i) => product(rest).map(({ choice, chain }) => ({ choice: [i, ...choice], chain: [step, ...chain] })));
}

/** The definition, written down. */
async function bruteForce(rr: RetrievalResults, grid: AlternativesOfSteps, metric: QueryMetric, folds: number, seed: number) {
  const sign = metric.name.startsWith('fnmr') ? -1 : 1;
  const best = async (training: RetrievalResults) => {
    const values: number[] = [];
    const points = product(grid);
    for (const { chain } of points) values.push(plainValue(metric, await applied(chain, training, training)));
    const i = values.findIndex((value) => values.every((other) => sign * value >= sign * other));
    return { ...points[i], value: values[i] };
  };
  const positions = positionsByFold(rr.rows, folds, seed);
  const byFold: Tuned['byFold'][number][] = [];
  for (const held of positions) {
    const training = rr.pick([...rr.rows.keys()].filter((q) => !held.includes(q)));
    const test = rr.pick(held);
    const { choice, chain, value } = await best(training);
    const heldOut = plainValue(metric, await applied(chain, training, test));
    byFold.push({ queries: held.length, choice, training: value, heldOut, baseline: plainValue(metric, test) });
  }
  const { choice, value } = await best(rr);
  return { byFold, best: { choice, value } };
}

const thresholds = fc.uniqueArray(
  fc.integer({ min: 0, max: 30 }).map((n) => n / 8),
  { minLength: 1, maxLength: 4 },
);
const alternatives: fc.Arbitrary<Step[]> = fc.oneof(
  thresholds.map((some) => some.map(constantThreshold)),
  fc.subarray([0.5, 1, 1.5, 3], { minLength: 1 }).map((some) => some.map(adaptiveThreshold)),
  fc.subarray([1, 2, 5], { minLength: 1 }).map((some) => some.map(top)),
);
const grids: fc.Arbitrary<AlternativesOfSteps> = fc.array(alternatives, { minLength: 1, maxLength: 3 });
const metrics = fc.constantFrom<QueryMetric>(map(5), precision(3), { ...precision(3), name: 'fnmr@fmr=0.1' });
/** Results with a fold split that has no empty fold. */
const worlds = fc
  .record({ rr: judgedResults, folds: fc.integer({ min: 2, max: 4 }), seed: fc.nat(100) })
  .filter(({ rr, folds, seed }) => positionsByFold(rr.rows, folds, seed).every((held) => held.length > 0));
/** Some runs take many milliseconds. */
const numRuns = 60;

describe('tune', () => {
  it('is the argmax by brute force, the first of equals, fitted and chosen without the fold that it is measured on', () =>
    fc.assert(
      fc.asyncProperty(worlds, grids, metrics, async ({ rr, folds, seed }, grid, metric) => {
        const tuned = await tune(source([rr]), grid, { metric, folds, seed });
        expect(tuned).toMatchObject(await bruteForce(rr, grid, metric, folds, seed));
        expect(tuned.points).toBe(product(grid).length);
      }),
      { numRuns },
    ));

  it('does not depend on batches, on the order of queries, or on how many points are tried at a time', () =>
    fc.assert(
      fc.asyncProperty(
        worlds.chain((world) => fc.record({ ...constants(world), sizes: cuts(world.rr.length), order: shuffles(world.rr.length) })),
        grids,
        fc.integer({ min: 1, max: 60 }),
        async ({ rr, folds, seed, sizes, order }, grid, states) => {
          const options = { metric: map(5), folds, seed };
          const { reads: _, work: __, ...whole } = await tune(source([rr]), grid, options);
          expect(await tune(source(cut(rr, sizes)), grid, { ...options, states })).toMatchObject(whole);
          expect(await tune(source([rr.pick(order)]), grid, options)).toMatchObject(whole);
        },
      ),
      { numRuns },
    ));

  it('chooses the same value whatever the order of the grid', () =>
    fc.assert(
      fc.asyncProperty(worlds, grids, async ({ rr, folds, seed }, grid) => {
        const options = { metric: map(5), folds, seed };
        const one = await tune(source([rr]), grid, options);
        const other = await tune(
          source([rr]),
          grid.map((some) => [...some].reverse()),
          options,
        );
        expect(other.best.value).toBe(one.best.value);
        expect(other.byFold.map(({ training }) => training)).toEqual(one.byFold.map(({ training }) => training));
      }),
      { numRuns },
    ));

  it('measures a single point without a fit as the plain metric of the chain on all queries', () =>
    fc.assert(
      fc.asyncProperty(worlds, fc.integer({ min: 0, max: 30 }), metrics, async ({ rr, folds, seed }, n, metric) => {
        const chain = [constantThreshold(n / 8), top(4)];
        const tuned = await tune(
          source([rr]),
          chain.map((step) => [step]),
          { metric, folds, seed },
        );
        const plain = plainValue(metric, await applied(chain, rr, rr));
        expect(tuned.heldOut.pooled).toBe(plain);
        expect(tuned.best.value).toBe(plain);
        expect(tuned.baseline.pooled).toBe(plainValue(metric, rr));
        const values = tuned.byFold.map(({ heldOut }) => heldOut);
        const mean = values.reduce((sum, value) => sum + value, 0) / folds;
        expect(tuned.heldOut.mean).toBeCloseTo(mean, 12);
        expect(tuned.heldOut.deviation).toBeCloseTo(Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (folds - 1)), 12);
      }),
      { numRuns },
    ));
});

function constants<T extends object>(values: T): { [K in keyof T]: fc.Arbitrary<T[K]> } {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, fc.constant(value)])) as {
    [K in keyof T]: fc.Arbitrary<T[K]>;
  };
}

function shuffles(n: number): fc.Arbitrary<number[]> {
  const all = Array.from({ length: n }, (_, i) => i);
  return fc.shuffledSubarray(all, { minLength: n, maxLength: n });
}

describe('the cost of tune', () => {
  const rr = RetrievalResults.fromLists({
    retrieved: Array.from({ length: 40 }, (_, q) => [q % 7, 8 + (q % 3)]),
    distances: Array.from({ length: 40 }, (_, q) => [q / 40, 1]),
    relevant: Array.from({ length: 40 }, (_, q) => [q % 5]),
  });
  const run = async (grid: AlternativesOfSteps, options: Partial<TuneOptions> = {}) => {
    const results = source([rr.slice(0, 25), rr.slice(25, 40)]);
    let told = 0;
    let promised = 0;
    const tuned = await tune(results, grid, {
      metric: map(2),
      onStart: ({ work }) => {
        promised = work;
      },
      onQueries: (count) => {
        told += count;
      },
      ...options,
    });
    expect(results.reads).toBe(tuned.reads);
    expect(told).toBe(promised);
    return tuned.reads;
  };

  it('is one read for the baseline, one to measure, and one for each fit', async () => {
    expect(await run([[top(1), top(2)]])).toBe(2);
    expect(await run([[adaptiveThreshold(1)], [top(1), top(2)]])).toBe(3);
    expect(await run([[adaptiveThreshold(1), top(1)], [top(2)], [adaptiveThreshold(1)]])).toBe(4);
  });

  it('is further reads where the points do not fit', async () => {
    const grid = [[top(1), top(2), top(3)]];
    expect(await run(grid, { states: 15 })).toBe(2);
    expect(await run(grid, { states: 14 })).toBe(3);
    expect(await run(grid, { states: 1 })).toBe(4);
  });

  it('is one run of a step for all chains that begin with it', async () => {
    let runs = 0;
    const counting: Step = {
      ...top(2),
      process: (batch) => {
        runs++;
        return batch;
      },
    };
    await run([[counting], [top(1), top(2), top(3)]]);
    // Two batches.
    expect(runs).toBe(2);
  });

  it('takes the same step twice', async () => {
    const step = top(1);
    const tuned = await tune(source([rr]), [[step, step]], { metric: map(2) });
    expect(tuned.best).toEqual({ choice: [0], value: plainValue(map(2), await applied([step], rr, rr)) });
  });

  it('is not paid to the end when it is stopped', async () => {
    const stop = new AbortController();
    const slow: Step = { ...top(1), process: async (batch) => new Promise((resolve) => setTimeout(resolve, 60, batch)) };
    const running = run([[slow, top(1)]], { signal: stop.signal, onQueries: () => stop.abort(new Error('enough')) });
    await expect(running).rejects.toThrow('enough');
  });
});

describe('tune refuses', () => {
  const few = (count: number) =>
    RetrievalResults.fromLists({ retrieved: Array(count).fill([1]), distances: Array(count).fill([1]), relevant: Array(count).fill([1]) });
  const options = { metric: map(1) };

  it.each<[string, () => Promise<unknown>]>([
    ['there are no queries', () => tune(source([few(0)]), [[top(1)]], options)],
    ['3 queries are too few for 5 folds', () => tune(source([few(3)]), [[top(1)]], options)],
    ['none of the 5 queries fell into fold', () => tune(source([few(5)]), [[top(1)]], options)],
    ['the number of folds must be an integer of at least 2, not 1', () => tune(source([few(9)]), [[top(1)]], { ...options, folds: 1 })],
    ['there is nothing to tune', () => tune(source([few(9)]), [], options)],
    ['there is nothing to tune', () => tune(source([few(9)]), [[]], options)],
    [
      'metrics need to know what is relevant',
      () => tune(source([RetrievalResults.fromLists({ retrieved: [[1]], distances: [[1]] })]), [[top(1)]], options),
    ],
  ])('%s', async (message, running) => {
    await expect(running()).rejects.toThrow(message);
  });
});
