import { UserError } from '../data/errors.js';
import { perQuery } from './mean-metric.js';
import type { Metric, QueryMetric } from './metric.js';

/** A query and its value of a metric. */
export interface WorstQuery {
  /** Row in the query set. */
  readonly row: number;
  readonly value: number;
}

/** A heap of the worst queries so far, with the best of them on top: the one to go when a worse query comes. */
export type WorstState = WorstQuery[];

/**
 * The n queries with the lowest values, lowest first; among equals, the lower row first. Memory is n queries, however many are seen, and the answer
 * does not depend on batches or merges.
 * @example
 * const worst = worstQueries(map(10), 5);
 * const state = worst.init();
 * for await (const rr of results) worst.update(state, rr);
 * worst.value(state); // [{ row: 17, value: 0 }, ...]
 *
 * @throws UserError when n is not a positive integer
 */
export function worstQueries(metric: QueryMetric, n: number): Metric<WorstState, WorstQuery[]> {
  if (!Number.isSafeInteger(n) || n < 1) throw new UserError(`worst queries: their number must be a positive integer, not ${n}`);
  return {
    name: `worst ${n} by ${metric.name}`,
    init: () => [],
    update(state, rr) {
      if (rr.length === 0) return;
      const values = perQuery(metric, rr);
      for (let q = 0; q < rr.length; q++) {
        // Most queries are better than the worst n: they must cost no object.
        if (state.length < n || compare(values[q], rr.rows[q], state[0]) < 0) push(state, n, { row: rr.rows[q], value: values[q] });
      }
    },
    merge(into, other) {
      for (const query of [...other]) push(into, n, query);
    },
    value: (state) => [...state].sort((a, b) => compare(a.value, a.row, b)),
  };
}

/** Negative when the query is worse than the other. */
function compare(value: number, row: number, other: WorstQuery): number {
  return value - other.value || row - other.row;
}

function push(heap: WorstQuery[], n: number, query: WorstQuery): void {
  if (heap.length < n) {
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (compare(query.value, query.row, heap[parent]) <= 0) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = query;
  } else if (compare(query.value, query.row, heap[0]) < 0) {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= n) break;
      if (child + 1 < n && compare(heap[child + 1].value, heap[child + 1].row, heap[child]) > 0) child++;
      if (compare(query.value, query.row, heap[child]) >= 0) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = query;
  }
}
