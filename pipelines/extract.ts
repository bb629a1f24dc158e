import { dirname, join } from 'node:path';
import { embed } from '../operators/embed.js';
import { pump } from '../operators/pump.js';
import { UserError } from '../src/data/errors.js';
import { place } from '../src/datasets/check-place.js';
import type { Dataset } from '../src/datasets/dataset.js';
import { rowRanges } from '../src/datasets/embedded-rows.js';
import { embeddingCache } from '../src/datasets/embedding-cache.js';
import type { Part } from '../src/datasets/embedding-parts.js';
import { openItems, validationItems } from '../src/datasets/format-open.js';
import { type ItemTable, sourceRow } from '../src/datasets/item-table.js';
import { createWriter, type TableWriter } from '../src/io/write.js';
import { cacheFolder } from '../src/models/zoo/places.js';
import { embeddingTable } from './embedding-table.js';
import { assertAllWritable } from './files.js';
import { type OpenModel, openModel } from './open-model.js';
import type { OptionName, Options } from './options.js';
import { silent } from './progress.js';
import type { RunContext } from './run-context.js';

/** The options of `rankstream extract`. */
export const EXTRACT_OPTIONS = [
  'items',
  'model',
  'out',
  'root',
  'split',
  'device',
  'batch',
  'threads',
  'on-error',
  'cache',
  'cache-folder',
  'json',
  'config',
] as const satisfies readonly OptionName[];

/** Rows of a part: what is kept as one, and the most that an interruption loses. */
const PART_ROWS = 256;

/** An item that was left out. */
export interface SkippedItem {
  /** Row of the table. */
  readonly row: number;
  /** As it stands in the table, where there are paths. */
  readonly path?: string;
  readonly reason: string;
}

export interface ExtractOutcome {
  /** The table with embeddings. */
  readonly file: string;
  /** Rows of the table of items, or of its split. */
  readonly items: number;
  /** Rows of the table with embeddings. */
  readonly embedded: number;
  /** Embeddings among them that an earlier run had computed. */
  readonly fromCache: number;
  readonly skipped: readonly SkippedItem[];
  readonly dim: number;
  /** Of the items: `image`, `text`, ... */
  readonly modality: string;
  /** Where the model ran. */
  readonly device: string;
  readonly seconds: number;
}

export interface ExtractContext extends RunContext {
  /** Rows of a part (default 256); parts of another size are other parts. */
  readonly partRows?: number;
  /** What messages call the table of items (default: its path). */
  readonly source?: string;
}

/**
 * Embeds the items of a table by a model: writes the table's columns with a column `embedding`, the broken rows left out where `onError` is `skip`.
 *
 * Finished parts are kept (`cache`), so that a run that was stopped goes on where it was, to the same bytes. The table holds no time and no absolute path, and
 * appears under its name when it is whole.
 * @throws UserError for every mistake in the options, the model or the items
 * @example await runExtract({ items: 'items.csv', model: 'icon-embedder', out: 'embeddings.parquet' });
 */
export async function runExtract(options: Options, context: ExtractContext = {}): Promise<ExtractOutcome> {
  const { items: file, model: name, out } = options;
  if (file === undefined) throw new UserError('say which items: rankstream extract ITEMS --model MODEL --out FILE');
  if (name === undefined) throw new UserError('say which model embeds them: --model FILE.onnx, or a name of `rankstream zoo`');
  if (out === undefined) throw new UserError('say where the embeddings go: --out FILE (.parquet, .arrow, .arrows)');
  const started = performance.now();
  const writer = createWriter(out);
  await assertAllWritable(out);
  const all = await openItems(file, { root: options.root, source: context.source });
  const items = options.split === undefined ? all : validationItems(all, options.split);
  if (items.size === 0) throw new UserError(`${file}: has no items`);
  const { device, threads } = options;
  const { progress, signal } = context;
  await using model = await openModel(name, { device, threads, progress, signal });
  const dataset = await model.dataset(items, options.root ?? dirname(file));
  try {
    const written = await write(writer, model, items, dataset, options, context);
    await writer.close();
    return {
      file: out,
      items: items.size,
      ...written,
      modality: dataset.modality,
      device: model.extractor.device,
      seconds: (performance.now() - started) / 1000,
    };
  } catch (error) {
    await writer.abort();
    throw error;
  } finally {
    await dataset.close?.();
  }
}

async function write(
  writer: TableWriter,
  { extractor }: OpenModel,
  items: ItemTable,
  dataset: Dataset,
  { batch, onError, cache = true, cacheFolder: folder = join(cacheFolder(), 'embeddings') }: Options,
  { progress = silent, signal, partRows = PART_ROWS }: ExtractContext,
): Promise<Pick<ExtractOutcome, 'embedded' | 'fromCache' | 'skipped' | 'dim'>> {
  const skipped: SkippedItem[] = [];
  let fromCache = 0;
  let embedded = 0;
  let dim = 0;
  const onPart = (part: Part) => {
    if (part.fromCache) fromCache += part.kept.length;
    for (const { row, reason } of part.broken) {
      const path = pathOf(items, row);
      skipped.push({ row: sourceRow(items, row), ...(path != null && { path }), reason });
    }
  };
  const options = {
    batch,
    onError,
    onPart,
    onItems: (count: number) => progress.advance(count),
    nameOf: (row: number) => `${place(items, row, undefined)}${items.columns.path ? `: ${pathOf(items, row)}` : ''}`,
    cache: cache ? embeddingCache(folder) : undefined,
    columns: items.columns,
  };
  progress.start('embedding', items.size);
  try {
    // A part takes as long as the model is slow: that is no standstill.
    const running = { signal, stallAfter: Number.POSITIVE_INFINITY };
    for await (const vectors of pump(rowRanges(items.size, partRows), running, embed(extractor, dataset, options))) {
      // Where a part is all broken nothing is known of its dimension.
      if (vectors.rows === 0) continue;
      const table = embeddingTable(vectors, { model: extractor.name, dataset });
      await writer.write(table);
      embedded += vectors.rows;
      dim = vectors.dim;
    }
  } finally {
    progress.stop();
  }
  if (embedded === 0) throw new UserError(`${items.source}: not one of ${items.size} items could be embedded; ${skipped[0].reason}`);
  return { embedded, fromCache, skipped, dim };
}

function pathOf({ columns }: ItemTable, row: number): string | null | undefined {
  return columns.path?.get(row);
}

/** The outcome in one line. */
export function extractText({ file, embedded, fromCache, skipped, dim }: Omit<ExtractOutcome, 'modality' | 'device'>): string {
  const notes = [fromCache > 0 ? `${fromCache} of them in an earlier run` : '', skipped.length > 0 ? `${skipped.length} left out` : ''];
  const noted = notes.filter(Boolean).join(', ');
  return `${embedded} items embedded${noted ? ` (${noted})` : ''}, ${dim} numbers each, in ${file}`;
}

/** The most broken items that are listed one by one. */
const LISTED = 20;

/** What was left out, for people. */
export function skippedLines(skipped: readonly SkippedItem[]): string[] {
  const lines = skipped.slice(0, LISTED).map(({ reason }) => `rankstream: left out: ${reason}`);
  return skipped.length > LISTED ? [...lines, `rankstream: and ${skipped.length - LISTED} more (--json lists them all)`] : lines;
}
