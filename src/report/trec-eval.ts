import type { RetrievalResults } from '../data/retrieval-results.js';
import { perQuery } from '../metrics/mean-metric.js';
import type { Metric, QueryMetric } from '../metrics/metric.js';
import { FLOOR } from '../metrics/reduction.js';
import { parseMetric, parseMetrics } from '../metrics/registry.js';
import { TREC_MEASURES, TREC_NAMES } from '../metrics/trec-names.js';

export interface TrecReportOptions {
  /** Names of what to print, in this order, under trec_eval's names where it has the measure; by default all of its measures that we have, in its order. */
  readonly metrics?: string | readonly string[];
  /** The level of relevance of measures that name none themselves (1). */
  readonly level?: number;
  /** Lines for each query too (trec_eval's -q). */
  readonly eachQuery?: boolean;
  /** Name of the run, for the line `runid`, which stands with the default measures only. */
  readonly runId?: string;
}

/** The values of all queries: trec_eval adds them up in the order of the query ids, which is known at the end. */
export interface TrecReportState {
  readonly ids: string[];
  /** For each measure, the values of the queries in the order of `ids`, batch by batch. */
  readonly values: Float64Array[][];
}

interface Line {
  readonly name: string;
  readonly metric: QueryMetric;
  readonly summaryOnly: boolean;
}

/**
 * The report of trec_eval, digit for digit: its layout, its measures and their order, sums of plain doubles in its order of queries (bytes of the ids),
 * and the rounding of C. For everything else the sums are exact; the two differ now and then in the last digit printed.
 * @throws UserError for a metric that is not known, or that cannot take the level
 * @see trec_eval 10, `meas_acc.c`, `meas_avg.c`, `meas_print_single.c`, `meas_print_final.c`
 */
export function trecReport(options: TrecReportOptions = {}): Metric<TrecReportState, string> {
  const { metrics, level, eachQuery = false, runId = 'rankstream' } = options;
  const lines: Line[] = metrics
    ? parseMetrics(metrics).map(({ name }) => lineOf(name, level))
    : TREC_NAMES.map(({ printed, ours, summaryOnly = false }) => ({ name: printed, metric: parseMetric(ours, { level }), summaryOnly }));
  return {
    name: 'trec_eval',
    init: () => ({ ids: [], values: lines.map(() => []) }),
    update(state, rr) {
      for (let q = 0; q < rr.length; q++) state.ids.push(idOf(rr, q));
      lines.forEach(({ metric }, m) => {
        state.values[m].push(perQuery(metric, rr));
      });
    },
    merge(into, other) {
      for (const id of other.ids) into.ids.push(id);
      other.values.forEach((batches, m) => {
        into.values[m].push(...batches);
      });
    },
    value({ ids, values }) {
      const order = bytewise(ids);
      const columns = values.map((batches) => concatenated(batches, ids.length));
      const text: string[] = [];
      if (eachQuery) {
        for (const q of order) {
          lines.forEach(({ name, metric, summaryOnly }, m) => {
            if (!summaryOnly) text.push(printed(name, ids[q], columns[m][q], metric));
          });
        }
      }
      if (!metrics) text.push(`${'runid'.padEnd(WIDTH)}\tall\t${runId}`);
      lines.forEach(({ name, metric }, m) => {
        text.push(printed(name, 'all', average(metric, columns[m], order), metric));
      });
      return text.join('\n');
    },
  };
}

const WIDTH = 22;

function printed(name: string, query: string, value: number, { reduce }: QueryMetric): string {
  return `${name.padEnd(WIDTH)}\t${query}\t${reduce === 'sum' ? Math.trunc(value) : fourDecimals(value).padStart(6)}`;
}

/** A metric that trec_eval has goes under its name there. */
function lineOf(ours: string, level: number | undefined): Line {
  const metric = parseMetric(ours, { level });
  const known = TREC_NAMES.find((one) => one.ours === ours);
  if (known) return { name: known.printed, metric, summaryOnly: known.summaryOnly ?? false };
  const family = TREC_MEASURES.find(({ name, cutoffs }) => cutoffs && ours.startsWith(`${name}@`));
  return { name: family ? `${family.trec}_${ours.slice(family.name.length + 1)}` : ours, metric, summaryOnly: false };
}

function average({ reduce }: QueryMetric, values: Float64Array, order: readonly number[]): number {
  let sum = 0;
  for (const q of order) sum += reduce === 'geometric' ? Math.log(Math.max(values[q], FLOOR)) : values[q];
  if (reduce === 'sum') return sum;
  return reduce === 'geometric' ? Math.exp(sum / order.length) : sum / order.length;
}

/**
 * A double of at least 0 with four decimals, as C's printf: the nearest, and of two equally near the even one. `toFixed` takes the larger one of those;
 * they are the odd multiples of 1/32, all other doubles are nearer to one side.
 */
export function fourDecimals(value: number): string {
  if ((value * 32) % 2 !== 1) return value.toFixed(4);
  const below = Math.floor(value * 1e4);
  return ((below + (below % 2)) / 1e4).toFixed(4);
}

function idOf(rr: RetrievalResults, q: number): string {
  return rr.queryIds ? String(rr.queryIds.get(q)) : String(rr.rows[q]);
}

/** Positions of the ids in the order of their bytes, as C's strcmp. */
function bytewise(ids: readonly string[]): number[] {
  const bytes = ids.map((id) => Buffer.from(id));
  return [...ids.keys()].sort((a, b) => Buffer.compare(bytes[a], bytes[b]));
}

function concatenated(batches: readonly Float64Array[], length: number): Float64Array {
  const all = new Float64Array(length);
  let at = 0;
  for (const batch of batches) {
    all.set(batch, at);
    at += batch.length;
  }
  return all;
}
