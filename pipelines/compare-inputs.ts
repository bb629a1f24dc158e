import { DataType, type RecordBatch, type Schema, type Vector } from 'apache-arrow';
import { didYouMean, UserError } from '../src/data/errors.js';
import { intoRows } from '../src/data/list-columns.js';
import type { RetrievalInfo, RetrievalResults } from '../src/data/retrieval-results.js';
import { readTable } from '../src/io/open.js';
import { retrievalOf } from '../src/io/retrieval-file.js';
import type { Qrels } from '../src/io/trec/qrels.js';
import { readRun } from '../src/io/trec/run.js';
import { readRunResults } from '../src/io/trec/run-results.js';
import { perQuery } from '../src/metrics/mean-metric.js';
import type { QueryMetric } from '../src/metrics/metric.js';

/** One of the things to compare: retrieval results, or the table of `--per-query`, whose columns are metrics. */
export type CompareInput = { readonly path: string } & (
  | { readonly kind: 'results'; readonly batches: AsyncIterable<RetrievalResults> }
  | { readonly kind: 'table'; readonly batches: AsyncIterable<RecordBatch>; readonly metrics: readonly string[] }
);

/** The values of all queries of an input: 8 bytes a query and metric. */
export interface QueryValues {
  readonly path: string;
  /** Rows in the query set; absent where a table has none. */
  readonly rows?: Uint32Array;
  readonly ids?: readonly string[];
  /** For each metric a value per query. */
  readonly values: readonly Float64Array[];
  /** Relevant items of each query, where the input tells. */
  readonly numRelevant?: Uint32Array;
  readonly info: RetrievalInfo;
}

/** Opens a run to be judged by qrels. @throws UserError as `readRun` and `readRunResults` */
export async function openRunInput(path: string, qrels: Qrels, complete: boolean | undefined): Promise<CompareInput> {
  return { path, kind: 'results', batches: readRunResults(await readRun(path), qrels, { complete }) };
}

/**
 * Opens an input, whatever it is. Nothing but its columns is read.
 * @throws UserError for a file that is neither retrieval results nor a table of metrics
 */
export async function openInput(path: string): Promise<CompareInput> {
  const table = readTable(path, { batchRows: Number.POSITIVE_INFINITY });
  const { schema } = await table.describe();
  if (schema.names.includes('retrieved')) return { path, kind: 'results', batches: retrievalOf(table) };
  const metrics = metricColumns(schema);
  if (metrics.length === 0 || !(['query', 'query_id'] as const).some((name) => schema.names.includes(name))) {
    throw new UserError(
      `${path}: neither retrieval results (a column "retrieved") nor a table of --per-query ("query" or "query_id", and columns of numbers); ` +
        `there are: ${schema.names.join(', ')}`,
    );
  }
  return { path, kind: 'table', batches: table, metrics };
}

function metricColumns(schema: Schema): string[] {
  return schema.fields.filter(({ name, type }) => name !== 'query' && name !== 'query_id' && isNumber(type)).map(({ name }) => name);
}

function isNumber(type: DataType): boolean {
  return DataType.isFloat(type) || DataType.isInt(type);
}

/** A metric by its name, and how it is computed where results are given. */
export interface NamedMetric {
  readonly name: string;
  readonly metric?: QueryMetric;
}

/**
 * The value of each metric for each query of an input.
 * @param onQueries told of each batch that was read
 * @throws UserError naming file, row and column: results without relevance, a metric that a table lacks, a value that is null or not finite
 */
export async function readValues(
  input: CompareInput,
  metrics: readonly NamedMetric[],
  onQueries: (count: number) => void,
): Promise<QueryValues> {
  const batches: Batch[] = [];
  let firstRow = 0;
  const take = (batch: Batch, length: number) => {
    batches.push(batch);
    firstRow += length;
    onQueries(length);
  };
  if (input.kind === 'results') {
    for await (const rr of input.batches) if (rr.length > 0) take(ofResults(rr, metrics, input.path), rr.length);
  } else {
    for await (const batch of input.batches) take(ofTable(batch, metrics, { source: input.path, firstRow }), batch.numRows);
  }
  const column = <T>(get: (batch: Batch) => T | undefined): T[] | undefined => {
    const parts = batches.map(get).filter((part) => part !== undefined);
    return parts.length === batches.length ? parts : undefined;
  };
  const rows = column((batch) => batch.rows);
  const counts = column((batch) => batch.numRelevant);
  return {
    path: input.path,
    info: batches[0]?.info ?? {},
    rows: rows && joined(rows, Uint32Array),
    ids: column((batch) => batch.ids)?.flat(),
    numRelevant: counts && joined(counts, Uint32Array),
    values: metrics.map((_, m) => {
      const parts = batches.map(({ values }) => values[m]);
      return joined(parts, Float64Array);
    }),
  };
}

type Batch = Omit<QueryValues, 'path'>;

function ofResults(rr: RetrievalResults, metrics: readonly NamedMetric[], path: string): Batch {
  if (!rr.gains) throw new UserError(`${path}: the results carry no relevance, so that no metric can be computed of them`);
  return {
    info: rr.info,
    rows: rr.rows,
    ids: rr.queryIds && texts(rr.queryIds),
    numRelevant: rr.numRelevant,
    values: metrics.map(({ metric }) => perQuery(metric as QueryMetric, rr)),
  };
}

function ofTable(batch: RecordBatch, metrics: readonly NamedMetric[], place: { source: string; firstRow: number }): Batch {
  const rows = batch.getChild('query');
  const ids = batch.getChild('query_id');
  return {
    info: {},
    rows: rows ? intoRows(rows, { ...place, column: 'query' }) : undefined,
    ids: ids ? texts(ids) : undefined,
    values: metrics.map(({ name }) => numbers(batch, name, place)),
  };
}

function numbers(batch: RecordBatch, name: string, { source, firstRow }: { source: string; firstRow: number }): Float64Array {
  const column = batch.getChild(name);
  if (!column || !isNumber(column.type)) {
    const there = metricColumns(batch.schema);
    throw new UserError(`${source}: no metric "${name}" in the table (there are: ${there.join(', ')})${didYouMean(name, there)}`);
  }
  return Float64Array.from({ length: column.length }, (_, row) => {
    const value = column.get(row);
    if (value === null || !Number.isFinite(Number(value)))
      throw new UserError(`${source}, row ${firstRow + row}, column "${name}": ${value} is no value of a metric`);
    return Number(value);
  });
}

/** Ids as text; undefined when one is missing, so that queries are told apart by their rows. */
function texts(column: Vector): string[] | undefined {
  return column.nullCount > 0 ? undefined : Array.from({ length: column.length }, (_, i) => String(column.get(i)));
}

function joined<T extends Float64Array | Uint32Array>(parts: readonly T[], make: new (length: number) => T): T {
  const all = new make(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
