import { basename, dirname } from 'node:path';
import { flagsOf } from '../src/data/columns.js';
import { EmbeddingBatch } from '../src/data/embedding-batch.js';
import { UserError } from '../src/data/errors.js';
import type { GalleryItems } from '../src/data/gallery-items.js';
import { type ItemTable, itemsFrom, type PlainColumns } from '../src/datasets/item-table.js';
import { Accumulator } from '../src/metrics/accumulator.js';
import type { QueryMetric } from '../src/metrics/metric.js';
import type { MetricSet } from '../src/metrics/metric-set.js';
import type { WorstQuery } from '../src/metrics/worst.js';
import { type WorstResults, worstResults } from '../src/metrics/worst-results.js';
import type { Postprocessor } from '../src/postprocess/postprocessor.js';
import { renderReport } from '../src/report/html.js';
import type { ReportSection } from '../src/report/report.js';
import type { Results } from '../src/report/results.js';
import { type BatchEmbeddings, type CollectedEmbeddings, collectEmbeddings } from './collected-embeddings.js';
import { chooseDevice } from './device.js';
import { type EmbeddingMetricsOptions, itemsToRetrieve, planOf, shownMetrics } from './embedding-metrics-options.js';
import { memorySets } from './memory-sets.js';
import { withMore } from './more-values.js';
import { openSearcher } from './open-searcher.js';
import { runSearchChain } from './planned-search.js';
import { silent } from './progress.js';
import { shownQueries } from './report.js';
import { resultsOf, stopwatch } from './results.js';
import type { RunContext } from './run-context.js';
import { isSplit, requireColumns } from './sets.js';
import { itemColumns, stepColumns, stepContexts } from './step-inputs.js';
import { measureItems } from './whole-sets.js';

/** Worst queries of each metric that are shown. */
const WORST = 5;

/**
 * The metrics of embeddings that someone else's loop computes, batch by batch and in any order (OML's EmbeddingMetrics): what `runEvaluate` gives for them. Every item of the
 * table must have come; all embeddings are in memory, and those of the gallery twice.
 * @example
 * const metrics = new EmbeddingMetrics(await openItems('validation.csv'), { cmcTopK: [1, 5] });
 * for (const epoch of epochs) {
 *   metrics.setup();
 *   for (const { inputs, indices } of batches) metrics.update(model.predict(inputs).dataSync(), indices);
 *   console.log((await metrics.compute()).metrics['cmc@1']);
 * }
 * await writeFile('worst.html', await metrics.visualize());
 */
export class EmbeddingMetrics {
  readonly #items: ItemTable;
  readonly #options: EmbeddingMetricsOptions;
  readonly #plan: MetricSet;
  readonly #shown: readonly QueryMetric[];
  readonly #by: readonly string[];
  readonly #steps: readonly Postprocessor<unknown>[];
  /** Rows of the table that are queries, and that are in the gallery. */
  readonly #rows: Readonly<Record<'query' | 'gallery', Int32Array>>;
  readonly #k: number;
  #collected: CollectedEmbeddings;
  #closed = false;
  #computed?: { readonly results: Results; readonly worst: WorstResults; readonly gallery: GalleryItems };

  /**
   * @param items a table of the retrieval format, of which every row has an embedding to come (see `validationItems`), or its columns as plain values: `label`, and
   * optionally `is_query` with `is_gallery`, `category`, `sequence`, `path`, `text` and others
   * @throws UserError for metrics that are unknown, columns that are missing, and a table without queries or gallery
   */
  constructor(items: ItemTable | PlainColumns, options: EmbeddingMetricsOptions = {}) {
    const table = isTable(items) ? items : itemsFrom(items);
    const { source, columns } = table;
    this.#items = table;
    this.#options = options;
    this.#plan = planOf(options);
    this.#shown = shownMetrics(this.#plan, options.metricsToExcludeFromVisualization ?? []);
    this.#by = options.by ?? (columns.category ? ['category'] : []);
    this.#steps = options.postprocessors ?? [];
    const needs = {
      queryColumns: this.#by,
      labels: false,
      stepColumns: stepColumns(this.#steps),
      itemColumns: itemColumns(this.#steps, options.items !== undefined),
    };
    const names = Object.keys(columns);
    if (!columns.label) throw new UserError(`${source}: no column "label" (there are: ${names.join(', ')}), and metrics need labels`);
    requireColumns(source, names, needs, true);
    const split = isSplit(source, names);
    this.#rows = {
      query: flagged(table, split, 'is_query'),
      gallery: flagged(table, split, 'is_gallery'),
    };
    const { dataset } = options;
    if (dataset && dataset.size !== table.size)
      throw new UserError(`${source}: the dataset has ${dataset.size} items, but the table ${table.size}`);
    this.#k = itemsToRetrieve(this.#plan, this.#steps, this.#rows.gallery.length);
    this.#collected = collectEmbeddings(table.size, source);
  }

  /** Forgets all embeddings: before each pass over the items but the first. */
  setup(): void {
    this.#collected = collectEmbeddings(this.#items.size, this.#items.source);
    this.#closed = false;
    this.#computed = undefined;
  }

  /**
   * Takes the embeddings of a batch. An item that comes again keeps its first embedding, as in OML; the other must be the same to 1% of its length.
   * @param embeddings an array for each item, or the numbers of all in one, as `dataSync()` of a TensorFlow.js tensor [batch, dim] gives them
   * @param indices rows of the table
   * @throws UserError naming the index: one that is not there, an embedding of another dimension, not finite, or unlike that which came before
   */
  update(embeddings: BatchEmbeddings, indices: ArrayLike<number>): void {
    if (this.#closed) throw new UserError(`${this.#items.source}: compute() was called; call setup() before the next embeddings`);
    this.#collected.update(embeddings, indices);
  }

  /**
   * The metrics of all embeddings: `metrics` over all queries, `by` those of each category. As in OML `fnmr@fmr` is of all queries only.
   * @throws UserError while embeddings are missing, with their number and the first of them
   */
  async compute({ progress = silent, signal }: Pick<RunContext, 'progress' | 'signal'> = {}): Promise<Results> {
    const { source, columns } = this.#items;
    const { distance, threads, device, items, returnOnlyOverallCategory } = this.#options;
    const lap = stopwatch();
    const collected = this.#collected;
    const table = EmbeddingBatch.fromMatrix(collected.complete(), columns, { source, firstRow: 0 });
    this.#closed = true;
    const sets = await memorySets(table, this.#root);
    const { planned, queries } = sets;
    const contexts = stepContexts(this.#steps, { planned, items, root: this.#root });
    const where = await chooseDevice(device);
    await using engine = await openSearcher(planned, { distance, threads }, await where.device, progress, signal);
    const seconds: Record<string, number> = { gallery: lap() };
    const { queries: metrics, pairs, items: measures, names } = this.#plan;
    const by = returnOnlyOverallCategory ? [] : this.#by;
    const worst = new Accumulator(worstResults({ metrics: this.#shown, count: WORST, by: this.#worstBy }));
    const chain = { metrics, pairs, by, postprocessors: this.#steps, contexts, queries, watchers: [worst], progress, signal };
    const outcome = await runSearchChain(sets, this.#k, engine, {}, chain);
    seconds.queries = lap();
    const more = measures.length > 0 ? [await measureItems(sets, measures, by, progress)] : [];
    if (measures.length > 0) seconds.items = lap();
    const results = resultsOf(withMore(outcome, names, more), outcome.steps, seconds);
    // Not where the next pass began meanwhile.
    if (this.#collected === collected) this.#computed = { results, worst: worst.value(), gallery: planned.gallery };
    return results;
  }

  /**
   * The 5 worst queries by each metric, with the first 5 items that each retrieved, as a page of HTML that needs nothing else.
   * @throws UserError before `compute`
   */
  async visualize(): Promise<string> {
    if (!this.#computed) throw new UserError(`${this.#items.source}: call compute() first, which finds the worst queries`);
    const { results, worst, gallery } = this.#computed;
    const { dataset } = this.#options;
    const section = (title: string, found: readonly WorstQuery[], metric: QueryMetric): ReportSection => {
      const rows = found.map(({ row }) => row);
      return { title, queries: worst.results ? shownQueries(rows, { rr: worst.results, gallery, metric }) : [] };
    };
    const sections = this.#shown.flatMap((metric, m) => [
      section(`Worst queries by ${metric.name}`, worst.overall[m], metric),
      ...[...worst.groups].map(([value, found]) => section(`Worst queries by ${metric.name}, ${this.#worstBy} ${value}`, found[m], metric)),
    ]);
    const show = dataset && (({ kind, row }: { kind: 'query' | 'gallery'; row: number }) => dataset.visualize(this.#rows[kind][row]));
    return renderReport({ title: basename(this.#items.source), results, sections }, { root: this.#root, show });
  }

  get #root(): string {
    return this.#options.root ?? dirname(this.#items.source);
  }

  /** The column of whose values the worst queries are shown one by one. */
  get #worstBy(): string | undefined {
    return this.#options.visualizeOnlyOverallCategory === false ? this.#by[0] : undefined;
  }
}

function isTable(items: ItemTable | PlainColumns): items is ItemTable {
  return typeof items.source === 'string';
}

/** Rows of the table on one side. @throws UserError when there is none */
function flagged(table: ItemTable, split: boolean, name: 'is_query' | 'is_gallery'): Int32Array {
  const { source, size, columns } = table;
  const flag = split ? flagsOf(columns[name], name, { source, firstRow: 0 }) : () => true;
  const rows = Int32Array.from({ length: size }, (_, row) => row).filter(flag);
  if (rows.length === 0) throw new UserError(`${source}: no item has ${name}, so that nothing can be retrieved`);
  return rows;
}
