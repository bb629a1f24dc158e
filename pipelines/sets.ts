import { dirname } from 'node:path';
import type { EmbeddingBatch } from '../src/data/embedding-batch.js';
import { didYouMean, UserError } from '../src/data/errors.js';
import { galleryRows, queryRows, sameIds } from '../src/data/split.js';
import { type EmbeddingSource, readEmbeddings } from '../src/io/read-embeddings.js';
import type { Options } from './options.js';
import { type GalleryNeeds, openGallery, type PlannedGallery } from './planned-gallery.js';
import type { Progress } from './progress.js';
import type { ItemColumn } from './step-inputs.js';

/** The two sides of a retrieval. */
export interface Sets {
  readonly planned: PlannedGallery;
  /** Read anew at each iteration. */
  readonly queries: AsyncIterable<EmbeddingBatch>;
  /** Every item of both sides once, read anew at each iteration. */
  readonly items: AsyncIterable<EmbeddingBatch>;
  /** Number of queries, where the file tells. */
  readonly count?: number;
  /** Folder that the `path` columns are relative to, unless told otherwise. */
  readonly folder: string;
}

export type SetOptions = Pick<
  Options,
  'items' | 'queries' | 'gallery' | 'embeddings' | 'column' | 'sameId' | 'batch' | 'distance' | 'threads' | 'memory'
>;

/** What the sets must have, to be found out before the long work. */
export interface Needs extends GalleryNeeds {
  /** Query columns that must be there. */
  readonly queryColumns: readonly string[];
  /** Columns of the gallery that steps of the chain look up. */
  readonly stepColumns?: readonly { readonly column: string; readonly step: string }[];
  /** Both sides must have labels. */
  readonly labels: boolean;
  /** Columns of items that both sides must have for a step of the chain. */
  readonly itemColumns?: readonly ItemColumn[];
  /** What messages call files, where not by their paths. */
  readonly names?: ReadonlyMap<string, string>;
}

/**
 * Opens queries and gallery: two files, or one table whose rows are told apart by is_query and is_gallery (all against all without these columns).
 * The gallery is read into memory, or, where it does not fit, looked through; the queries stay a stream.
 * @throws UserError for a missing file, option, column or label, and for an empty gallery
 */
export async function openSets(options: SetOptions, needs: Needs, progress: Progress): Promise<Sets> {
  const { items, queries, gallery } = options;
  const read = (file: string) =>
    readEmbeddings(file, {
      columns: options.column,
      batchRows: options.batch ?? 1024,
      embeddings: options.embeddings,
      source: needs.names?.get(file),
    });
  if (items !== undefined) {
    if (queries !== undefined || gallery !== undefined) throw new UserError('give either one table, or --queries and --gallery');
    if (items === '-') throw new UserError('one table is read twice, which stdin cannot; give a file, or --queries - with --gallery FILE');
    if (options.sameId) throw new UserError('--same-id is for --queries and --gallery: in one table the same row is the same item');
    const table = read(items);
    const roles = await checkColumns(table, needs, true);
    const count = isSplit(table.source, roles) ? undefined : table.rows;
    const planned = await openGallery({ batches: reiterable(() => galleryRows(table)), rows: table.rows, count }, options, needs, progress);
    return { planned, queries: reiterable(() => queryRows(table)), items: table, count, folder: dirname(items) };
  }
  if (queries === undefined || gallery === undefined) throw new UserError('give a table, or both --queries and --gallery');
  if (queries === '-' && gallery === '-') throw new UserError('only one of --queries and --gallery can come from stdin');
  if (options.embeddings) throw new UserError('--embeddings goes with one table; queries and gallery need their embeddings in them');
  const [querySource, gallerySource] = [read(queries), read(gallery)];
  if (options.memory !== undefined && gallery === '-')
    throw new UserError('with --memory the gallery may be read more than once, which stdin cannot; give a file');
  const galleryColumns = await checkColumns(gallerySource, { ...needs, queryColumns: [] }, false);
  const queryColumns = await checkColumns(querySource, { ...needs, stepColumns: [] }, true);
  if (options.sameId) {
    for (const [source, columns] of [[querySource, queryColumns] as const, [gallerySource, galleryColumns] as const]) {
      if (!columns.includes('id')) throw new UserError(`${source.source}: no column "id", which --same-id needs`);
    }
  }
  const { rows: count } = querySource;
  const galleryNeeds = options.sameId ? { ...needs, columns: [...needs.columns, 'id'] } : needs;
  const planned = await openGallery({ batches: gallerySource, rows: gallerySource.rows, count }, options, galleryNeeds, progress);
  const asked = options.sameId ? reiterable(() => sameIds(querySource, planned.gallery)) : querySource;
  return {
    planned,
    queries: asked,
    items: reiterable(() => everyItem(asked, planned)),
    count,
    folder: dirname(gallery),
  };
}

/** Whether a table tells queries and gallery apart. @throws UserError where it has one of the two columns */
export function isSplit(source: string, columns: readonly string[]): boolean {
  const [isQuery, isGallery] = [columns.includes('is_query'), columns.includes('is_gallery')];
  if (isQuery === isGallery) return isQuery;
  const [there, missing] = isQuery ? ['is_query', 'is_gallery'] : ['is_gallery', 'is_query'];
  throw new UserError(`${source}: column "${there}" without "${missing}"; give both, or neither to search all against all`);
}

/** The columns of a source under the names of their roles. */
export async function checkColumns(
  source: Pick<EmbeddingSource, 'source' | 'columnNames'>,
  needs: Pick<Needs, 'queryColumns' | 'stepColumns' | 'labels' | 'itemColumns'>,
  areQueries: boolean,
): Promise<readonly string[]> {
  // A stream can be read only once: what it has shows with its first batch.
  if (source.source === '-') return ['id', ...needs.queryColumns, 'label', 'path', 'text'];
  return requireColumns(source.source, await source.columnNames(), needs, areQueries);
}

/** @throws UserError for what the needs want and the columns of the source lack @returns the columns */
export function requireColumns(
  source: string,
  columns: readonly string[],
  needs: Pick<Needs, 'queryColumns' | 'stepColumns' | 'labels' | 'itemColumns'>,
  areQueries: boolean,
): readonly string[] {
  if (needs.labels && !columns.includes('label')) {
    throw new UserError(
      `${source}: no column "label" (there are: ${columns.join(', ')}), and metrics need labels; name it with --column label=NAME, ` +
        'or use `rankstream search` where relevance is unknown',
    );
  }
  const missing = needs.itemColumns?.find(({ column }) => !columns.includes(column));
  if (missing) {
    const { column, step, what } = missing;
    throw new UserError(
      `${source}: no column "${column}" (there are: ${columns.join(', ')}), and ${step} compares ${what}${didYouMean(column, columns)}`,
    );
  }
  for (const { column, step } of needs.stepColumns ?? []) {
    if (!columns.includes(column)) {
      throw new UserError(`${source}: no column "${column}" for ${step} (there are: ${columns.join(', ')})${didYouMean(column, columns)}`);
    }
  }
  for (const name of areQueries ? needs.queryColumns : []) {
    if (!columns.includes(name)) {
      throw new UserError(`${source}: no column "${name}" to group by (there are: ${columns.join(', ')})${didYouMean(name, columns)}`);
    }
  }
  return columns;
}

/** The gallery, then the queries that are not in it. */
async function* everyItem(
  queries: AsyncIterable<EmbeddingBatch>,
  planned: PlannedGallery,
): AsyncGenerator<EmbeddingBatch, void, undefined> {
  yield* planned.streamed ? planned.streamed.batches : planned.gallery.batches();
  for await (const batch of queries) {
    const { self } = batch;
    if (!self) yield batch;
    else {
      const others = Int32Array.from({ length: batch.rows }, (_, row) => row).filter((row) => self[row] < 0);
      yield batch.take(others, batch.firstRow);
    }
  }
}

export function reiterable<T>(iterate: () => AsyncIterator<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: iterate };
}
