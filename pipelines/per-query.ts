import { makeVector, type RecordBatch, Table, type Vector } from 'apache-arrow';
import type { Sink } from '../operators/index.js';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { createWriter } from '../src/io/write.js';
import { perQuery } from '../src/metrics/mean-metric.js';
import type { QueryMetric } from '../src/metrics/metric.js';

/** Writes one row a query: `query`, `query_id` where there is one, and a float64 column for each metric. */
export function openPerQueryWriter(path: string, metrics: readonly QueryMetric[]): () => Sink<RetrievalResults> {
  return () => {
    const writer = createWriter(path);
    return {
      write: (rr) => writer.write(perQueryBatch(rr, metrics)),
      close: () => writer.close(),
      abort: () => writer.abort(),
    };
  };
}

function perQueryBatch(rr: RetrievalResults, metrics: readonly QueryMetric[]): RecordBatch {
  const columns: Record<string, Vector> = { query: makeVector(rr.rows) };
  if (rr.queryIds) columns.query_id = rr.queryIds;
  for (const metric of metrics) columns[metric.name] = makeVector(perQuery(metric, rr));
  return new Table(columns).batches[0];
}
