import type { RetrievalResults } from '../../data/retrieval-results.js';
import { ExactSum } from '../../metrics/exact-sum.js';
import type { Metric } from '../../metrics/metric.js';
import { deviationOf, type Statistics } from './statistics.js';

/** What was seen of a gallery item. Sums of float32 numbers and of their squares are exact, so that order and merges leave no trace. */
interface Moments {
  count: number;
  least: number;
  greatest: number;
  readonly sum: ExactSum;
  readonly squares: ExactSum;
}

/** The statistics of a gallery item's distances, by its row. */
export type ItemStatistics = (row: number) => Statistics;

/**
 * Mean and deviation of the distances at which each gallery item was retrieved, over all queries: the item's cohort. An item whose distances do not
 * differ (one query alone retrieved it, say) has the statistics of all distances of all items instead. About 400 bytes for each item that was
 * retrieved.
 */
export const itemStatistics: Metric<Map<number, Moments>, ItemStatistics> = {
  name: 'statistics of gallery items',
  init: () => new Map(),
  update(state: Map<number, Moments>, { ids, distances }: RetrievalResults) {
    for (let i = 0; i < ids.length; i++) {
      const moments = momentsOf(state, ids[i]);
      const distance = distances[i];
      moments.count++;
      moments.least = Math.min(moments.least, distance);
      moments.greatest = Math.max(moments.greatest, distance);
      moments.sum.add(distance);
      // 48 bits: exact.
      moments.squares.add(distance * distance);
    }
  },
  merge(into, other) {
    for (const [row, moments] of other) add(momentsOf(into, row), moments);
  },
  value(state) {
    const all = noMoments();
    for (const moments of state.values()) add(all, moments);
    const ofAll = statisticsOf(all);
    const known = new Map<number, Statistics>();
    for (const [row, moments] of state) if (moments.greatest > moments.least) known.set(row, statisticsOf(moments));
    return (row) => known.get(row) ?? ofAll;
  },
};

function noMoments(): Moments {
  return { count: 0, least: Number.POSITIVE_INFINITY, greatest: Number.NEGATIVE_INFINITY, sum: new ExactSum(), squares: new ExactSum() };
}

function momentsOf(state: Map<number, Moments>, row: number): Moments {
  let moments = state.get(row);
  if (!moments) {
    moments = noMoments();
    state.set(row, moments);
  }
  return moments;
}

function add(into: Moments, other: Moments): void {
  into.count += other.count;
  into.least = Math.min(into.least, other.least);
  into.greatest = Math.max(into.greatest, other.greatest);
  into.sum.merge(other.sum);
  into.squares.merge(other.squares);
}

function statisticsOf({ count, least, greatest, sum, squares }: Moments): Statistics {
  if (count === 0) return { mean: 0, deviation: 0 };
  const mean = sum.mean(count);
  return { mean, deviation: deviationOf(squares.mean(count) - mean ** 2, greatest - least, count) };
}
