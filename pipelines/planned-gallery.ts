import { availableParallelism } from 'node:os';
import type { EmbeddingBatch } from '../src/data/embedding-batch.js';
import { Gallery } from '../src/data/gallery.js';
import { type GalleryItems, readGalleryItems } from '../src/data/gallery-items.js';
import { planSearch, planText, residentBytes, type SearchSize, type StreamedPlan } from '../src/search/plan.js';
import type { Options } from './options.js';
import type { Progress } from './progress.js';

/** A gallery that is to be searched. */
export interface GallerySource {
  /** Iterable again and again, where memory is given. */
  readonly batches: AsyncIterable<EmbeddingBatch>;
  /** The most rows that it can have, where that is known. */
  readonly rows?: number;
  /** Number of queries, where it is known. */
  readonly count?: number;
}

export interface GalleryNeeds {
  readonly k: number;
  /** Columns of the gallery that are looked at later. Where memory is given, no others are kept. */
  readonly columns: readonly string[];
}

/** A gallery as the plan of its search wants it: with its vectors in memory, or without, to be read in blocks. */
export type PlannedGallery =
  | { readonly text: string; readonly gallery: Gallery; readonly streamed?: undefined }
  | {
      readonly text: string;
      readonly gallery: GalleryItems;
      readonly streamed: { plan: StreamedPlan; batches: AsyncIterable<EmbeddingBatch> };
    };

/** Reads a gallery: once where it is sure to fit the memory, else without its vectors, and then, should they fit, again. */
export async function openGallery(
  { batches, rows, count }: GallerySource,
  { memory, batch = 1024, distance = 'l2', threads = availableParallelism() }: Pick<Options, 'memory' | 'batch' | 'distance' | 'threads'>,
  { k, columns }: GalleryNeeds,
  progress: Progress,
): Promise<PlannedGallery> {
  const sizeOf = ({ size, dim, columns: kept }: Pick<GalleryItems, 'size' | 'dim' | 'columns'>): SearchSize => {
    const bytes = memory === undefined ? 0 : Object.values(kept).reduce((sum, column) => sum + column.byteLength, 0);
    return { galleryRows: size, dim, k, distance, threads, batchRows: batch, queries: count, kept: bytes };
  };
  const reading = async <T>(read: (counted: AsyncIterable<EmbeddingBatch>) => Promise<T>): Promise<T> => {
    progress.start('gallery', rows);
    try {
      return await read(counted(batches, progress));
    } finally {
      progress.stop();
    }
  };
  const resident = async (wanted?: readonly string[]): Promise<PlannedGallery> => {
    const gallery = await reading((counted) => Gallery.load(counted, { columns: wanted }));
    return { gallery, text: planText(planSearch(sizeOf(gallery)), sizeOf(gallery)) };
  };
  if (memory === undefined) return resident();
  const sure = rows !== undefined && columns.length === 0;
  if (sure && residentBytes(sizeOf({ size: rows, dim: await dimensionOf(batches), columns: {} })) <= memory) return resident(columns);

  const gallery = await reading((counted) => readGalleryItems(counted, { columns }));
  const plan = planSearch(sizeOf(gallery), memory);
  if (plan.kind === 'resident') return resident(columns);
  return { gallery, streamed: { plan, batches }, text: planText(plan, sizeOf(gallery)) };
}

async function dimensionOf(batches: AsyncIterable<EmbeddingBatch>): Promise<number> {
  for await (const { dim } of batches) return dim;
  return 0;
}

/** The same batches, on a bar; iterable as often. */
function counted(batches: AsyncIterable<EmbeddingBatch>, progress: Progress): AsyncIterable<EmbeddingBatch> {
  return {
    async *[Symbol.asyncIterator]() {
      for await (const batch of batches) {
        progress.advance(batch.rows);
        yield batch;
      }
    },
  };
}
