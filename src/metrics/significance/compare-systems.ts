import { UserError } from '../../data/errors.js';
import { built } from '../../runtime/built.js';
import { Thread } from '../../runtime/thread.js';
import { ExactSum } from '../exact-sum.js';
import { bonferroni, holm } from './corrections.js';
import { pairedDifferences } from './differences.js';
import { type Outcomes, outcomes } from './outcomes.js';
import type { ColumnTests } from './tests.js';
import type { StartRequest } from './tests-worker.js';

/** The values of each query under one metric: for every system, the baseline first, one value per query, the queries in the same order. */
export type SystemValues = readonly Float64Array[];

export interface CompareOptions {
  /** Assignments of signs that are drawn where there are too many to count (10,000). */
  readonly permutations?: number;
  /** Samples of the bootstrap (2,000). */
  readonly resamples?: number;
  /** Decides what is drawn (0). */
  readonly seed?: number;
  /** How many of the queries that gained and lost most to name (5). */
  readonly top?: number;
  /** Told the share of the work that is done, from time to time. */
  readonly onProgress?: (share: number) => void;
  readonly signal?: AbortSignal;
}

/** A p-value with the corrections over all comparisons that were made: metrics times systems. */
export interface Corrected {
  readonly holm: number;
  readonly bonferroni: number;
}

/** One system against the baseline under one metric. */
export interface SystemComparison extends Outcomes {
  /** Mean difference: the system's mean minus the baseline's. */
  readonly difference: number;
  readonly tTest: ColumnTests['tTest'] & Corrected;
  readonly randomisation: ColumnTests['randomisation'] & Corrected;
  /** Bootstrap interval of the difference. */
  readonly interval: readonly [low: number, high: number];
}

export interface MetricComparison {
  /** Mean of each system. */
  readonly means: readonly number[];
  /** Every system but the first, against the first. */
  readonly against: readonly SystemComparison[];
}

/**
 * Compares systems by their values of the same queries, metric by metric, against the first of them: paired t-test, Fisher's randomisation test,
 * bootstrap interval, corrections for the number of comparisons, and which queries gained and lost. The work is done in a thread.
 *
 * The outcome depends on values, options and the order of the queries alone (of which the signs and samples drawn are taken); give the queries in an
 * order that does not depend on the systems, by id, and p-values stay when systems change places.
 * @example
 * const [map] = await compareSystems([[baselineMap, otherMap]]);
 * map.against[0].randomisation.p;
 * @throws UserError when there is nothing to compare: fewer than two systems, or no queries
 */
export async function compareSystems(metrics: readonly SystemValues[], options: CompareOptions = {}): Promise<MetricComparison[]> {
  const { permutations = 10_000, resamples = 2_000, seed = 0, top = 5 } = options;
  const queries = metrics[0]?.[0]?.length ?? 0;
  if (queries === 0) throw new UserError('there are no queries to compare');
  for (const systems of metrics) {
    if (systems.length < 2) throw new UserError('a comparison needs at least two systems');
    if (systems.some(({ length }) => length !== queries)) throw new UserError('systems are compared by their values of the same queries');
  }
  const columns = metrics.flatMap(([baseline, ...others]) =>
    others.map((values) => pairedDifferences(values, baseline, new Float64Array(new SharedArrayBuffer(8 * queries)))),
  );
  const tests = await inThread({ columns, options: { permutations, resamples, seed } }, options);
  const tTests = corrected(tests.map(({ tTest }) => tTest.p));
  const randomisations = corrected(tests.map(({ randomisation }) => randomisation.p));
  let column = 0;
  return metrics.map(([baseline, ...others]) => ({
    means: [baseline, ...others].map(mean),
    against: others.map(() => {
      const c = column++;
      const { tTest, randomisation, interval } = tests[c];
      return {
        difference: mean(columns[c]),
        interval: interval as readonly [number, number],
        tTest: { ...tTest, ...tTests[c] },
        randomisation: { ...randomisation, ...randomisations[c] },
        ...outcomes(columns[c], top),
      };
    }),
  }));
}

function corrected(ps: readonly number[]): Corrected[] {
  const [byHolm, byBonferroni] = [holm(ps), bonferroni(ps)];
  return ps.map((_, i) => ({ holm: byHolm[i], bonferroni: byBonferroni[i] }));
}

async function inThread(request: StartRequest, { onProgress, signal }: CompareOptions): Promise<ColumnTests[]> {
  const thread = new Thread(built(import.meta.url, 'tests-worker.js'));
  try {
    await thread.call('start', request);
    for (;;) {
      signal?.throwIfAborted();
      const turn = await thread.call<number | ColumnTests[]>('advance', undefined);
      if (typeof turn !== 'number') return turn;
      onProgress?.(turn);
    }
  } finally {
    await thread.close();
  }
}

function mean(values: Float64Array): number {
  const sum = new ExactSum();
  for (let i = 0; i < values.length; i++) sum.add(values[i]);
  return sum.mean(values.length);
}
