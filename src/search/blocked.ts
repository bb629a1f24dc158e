import type { EmbeddingBatch } from '../data/embedding-batch.js';
import { UserError } from '../data/errors.js';
import { Gallery } from '../data/gallery.js';
import type { GalleryItems } from '../data/gallery-items.js';
import type { Distance, Matrix } from '../data/matrix.js';
import { collectGarbage } from '../runtime/collect.js';
import { type ExactOptions, ExactSearcher } from './exact.js';
import { type GalleryBlock, galleryBlocks } from './gallery-blocks.js';
import { MergedTopK } from './merge.js';
import { rangeSearch } from './range.js';
import { overflow } from './scoring.js';
import type { Ignored, Searcher, TopK } from './searcher.js';

export interface BlockedOptions extends ExactOptions {
  /** Gallery rows that are searched at one time; `planSearch` tells how many suit the memory. */
  readonly blockRows: number;
}

/**
 * Exact search of a gallery that does not fit the memory: each call reads it through in blocks and searches one block after the other, while the next
 * one is read. The results are those of `ExactSearcher`, to the bit. Make calls of many queries: each one reads the whole gallery.
 *
 * Every block gets an engine of its own, whose threads end with it: that is what frees their memory. It costs 0.1 s a block beside the packing, which
 * a resident gallery needs too.
 * @example
 * const batches = readEmbeddings('g.parquet');
 * const gallery = await readGalleryItems(batches, { columns: [] });
 * const searcher = new BlockedSearcher(gallery, batches, { blockRows: 400_000 });
 * pump(rebatch(readEmbeddings('q.parquet'), 16_384), { inFlight: 1 }, search(gallery, { searcher }))
 */
export class BlockedSearcher implements Searcher {
  readonly distance: Distance;
  readonly exact: boolean;
  readonly #gallery: GalleryItems;
  readonly #batches: AsyncIterable<EmbeddingBatch>;
  readonly #options: BlockedOptions;
  #device = 'cpu';
  #fastPass: ExactSearcher['fastPass'] = 'int8';
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /**
   * @param gallery what `readGalleryItems` says of the gallery
   * @param batches its vectors, iterable again and again
   * @throws UserError when `blockRows` is not a positive integer
   */
  constructor(gallery: GalleryItems, batches: AsyncIterable<EmbeddingBatch>, options: BlockedOptions) {
    const { blockRows, distance = 'l2', precision } = options;
    if (!Number.isInteger(blockRows) || blockRows < 1) throw new UserError(`blockRows must be a positive integer, not ${blockRows}`);
    this.distance = distance;
    this.exact = precision !== 'float32';
    this.#gallery = gallery;
    this.#batches = batches;
    this.#options = options;
  }

  get size(): number {
    return this.#gallery.size;
  }

  get dimension(): number {
    return this.#gallery.dim;
  }

  /** That of the block which was searched last. */
  get device(): string {
    return this.#device;
  }

  /** That of the block which was searched last. */
  get fastPass(): ExactSearcher['fastPass'] {
    return this.#fastPass;
  }

  /** One pass over the gallery; calls wait for each other. */
  search(queries: Matrix, k: number, ignored: Ignored = {}): Promise<TopK> {
    const found = this.#last.then(() => this.#pass(queries, k, ignored));
    this.#last = found.catch(() => {});
    return found;
  }

  async #pass(queries: Matrix, k: number, ignored: Ignored): Promise<TopK> {
    if (!Number.isInteger(k) || k < 1) throw new UserError(`k must be a positive integer, not ${k}`);
    const merged = new MergedTopK(queries.rows, Math.min(k, this.size));
    if (queries.rows === 0) return merged.result();
    const blocks = galleryBlocks(this.#batches, this.#options.blockRows);
    let rows = 0;
    let next = blocks.next();
    try {
      for (let block = await next; !block.done; block = await next) {
        if (this.#closed) throw new Error('the searcher was closed');
        next = blocks.next();
        // Waited for when this block is searched; until then a failure must not count as unhandled.
        next.catch(() => {});
        rows += block.value.vectors.rows;
        if (rows <= this.size) await this.#searchBlock(block.value, queries, k, ignored, merged);
      }
    } finally {
      await blocks.return();
    }
    if (rows !== this.size) {
      throw new UserError(
        `${this.#gallery.source}: the gallery had ${this.size} rows and now has ${rows}; it changed while it was searched`,
      );
    }
    return this.#checked(merged.result());
  }

  async #searchBlock({ firstRow, vectors }: GalleryBlock, queries: Matrix, k: number, ignored: Ignored, merged: MergedTopK): Promise<void> {
    const searcher = await ExactSearcher.open(Gallery.part(this.#gallery, vectors, firstRow), this.#options);
    try {
      [this.#device, this.#fastPass] = [searcher.device, searcher.fastPass];
      const self = ignored.self?.map((row) => (row >= firstRow && row < firstRow + vectors.rows ? row - firstRow : -1));
      merged.add(await searcher.search(queries, k, { self, sequence: ignored.sequence }), firstRow);
    } finally {
      await searcher.close();
      vectors.release();
      collectGarbage();
    }
  }

  /** As `search`, but the gallery is read again for the queries whose list may go on. */
  range(queries: Matrix, radius: number, ignored?: Ignored): Promise<TopK> {
    return rangeSearch(this, queries, radius, ignored);
  }

  #checked(found: TopK): TopK {
    const at = found.distances.findIndex((distance) => !Number.isFinite(distance));
    if (at < 0) return found;
    const query = found.offsets.findLastIndex((offset) => offset <= at);
    throw overflow(this.distance, query, found.ids[at]);
  }

  /** Stops behind the block that is being searched. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }
}
