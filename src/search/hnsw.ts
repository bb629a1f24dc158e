import { UserError } from '../data/errors.js';
import type { Gallery } from '../data/gallery.js';
import type { Distance, Matrix } from '../data/matrix.js';
import { built } from '../runtime/built.js';
import { Thread } from '../runtime/thread.js';
import { searchBlocks } from './blocks.js';
import type { Block, Engine, Found } from './engine.js';
import { checkCard, saveWithCard } from './hnsw-file.js';
import type { BuildRequest, SurveyAnswer, SurveyRequest } from './hnsw-worker.js';
import type { Ignored, Searcher, TopK } from './searcher.js';

export interface HnswSearchOptions {
  /** Default `l2`. */
  readonly distance?: Distance;
  /** Candidates that the walk through the graph keeps for a query (at least k, and what the query ignores); more find more. Default 200. */
  readonly ef?: number;
}

export interface HnswOptions extends HnswSearchOptions {
  /** Neighbours of a point in the graph, 2 to 256; default 16. */
  readonly m?: number;
  /** Candidates for the neighbours of a new point; default 200. */
  readonly efConstruction?: number;
  /** Of the random levels of the points; default 100. */
  readonly seed?: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Points added in one call of the thread: few enough for a lively progress. */
const STEP = 128;

/**
 * Approximate search in a hierarchical navigable small world graph (Malkov, Yashunin, IEEE TPAMI 42(4), 2020) by hnswlib, in a thread. What it finds is
 * re-scored canonically and ordered by (distance, gallery row); what it misses is not known: measure it with `recallOf`. One of equal vectors stands
 * for all; ignored items never cost a slot. A query whose candidates would be the whole gallery (`ef` >= its size), or to which the graph
 * leads too few, is compared with every row. Built in the order of rows by one thread, the graph and all answers are the same each time.
 */
export class HnswSearcher implements Searcher {
  readonly exact = false;

  private constructor(
    private readonly gallery: Gallery,
    readonly distance: Distance,
    private readonly thread: Thread,
    private readonly engine: Engine,
  ) {}

  get size(): number {
    return this.gallery.size;
  }

  get dimension(): number {
    return this.gallery.dim;
  }

  get device(): string {
    return this.engine.device;
  }

  /** Builds the index. @throws UserError when hnswlib-node is not installed, for a wrong option, and for vectors whose distances overflow float32 */
  static build(gallery: Gallery, options: HnswOptions = {}): Promise<HnswSearcher> {
    const { m = 16, efConstruction = 200, seed = 100, onProgress, signal } = options;
    assertWithin({ m }, 2, 256);
    assertWithin({ efConstruction }, 1, 100_000);
    assertWithin({ seed }, 0, 2 ** 32 - 1);
    return HnswSearcher.#open(gallery, options, async (thread, { rows, fits }) => {
      if (!fits)
        throw new UserError(
          `${gallery.source}: the vectors are so large that float32 distances overflow, which the index computes with; scale them down, or search exactly`,
        );
      const request: BuildRequest = { m, efConstruction, seed };
      await thread.call('build', request);
      for (let from = 0; from < rows; from += STEP) {
        signal?.throwIfAborted();
        const to = Math.min(rows, from + STEP);
        await thread.call('add', { from, to });
        onProgress?.(to, rows);
      }
    });
  }

  /** Opens a saved index. @throws UserError when it is of another gallery, dimension or distance, is damaged, or hnswlib-node is not installed */
  static async load(path: string, gallery: Gallery, options: HnswSearchOptions = {}): Promise<HnswSearcher> {
    await checkCard(path, gallery, options.distance ?? 'l2');
    return HnswSearcher.#open(gallery, options, async (thread) => {
      await thread.call('load', { path });
    });
  }

  static async #open(
    gallery: Gallery,
    { distance = 'l2', ef = 200 }: HnswSearchOptions,
    fill: (thread: Thread, survey: SurveyAnswer) => Promise<void>,
  ): Promise<HnswSearcher> {
    assertWithin({ ef }, 1, 2 ** 31 - 1);
    const thread = new Thread(built(import.meta.url, 'hnsw-worker.js'));
    try {
      const { dim, shards } = gallery.vectors;
      const request: SurveyRequest = { shards, dim, distance, sequences: gallery.sequences?.codes, ef };
      await fill(thread, await thread.call<SurveyAnswer>('survey', request));
      return new HnswSearcher(gallery, distance, thread, engineOf(thread));
    } catch (error) {
      await thread.close();
      throw error;
    }
  }

  search(queries: Matrix, k: number, ignored?: Ignored): Promise<TopK> {
    return searchBlocks(this.engine, this.gallery, queries, k, ignored);
  }

  /** Saves the index, in hnswlib's format, and beside it `<path>.json`, which tells of which gallery it is. @throws UserError when it cannot be written */
  save(path: string): Promise<void> {
    return saveWithCard(path, this.gallery, this.distance, (to) => this.thread.call('save', { path: to }));
  }

  close(): Promise<void> {
    return this.engine.close();
  }
}

function engineOf(thread: Thread): Engine {
  return {
    device: 'cpu',
    blockRows: 64,
    lanes: 1,
    async search(block, take) {
      // A view would take the whole batch along into the thread.
      const request: Block = { ...block, queries: block.queries.slice() };
      take(await thread.call<Found>('search', request));
    },
    close: () => thread.close(),
  };
}

function assertWithin(option: Readonly<Record<string, number>>, least: number, most: number): void {
  const [[name, value]] = Object.entries(option);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new UserError(`${name} must be a whole number from ${least} to ${most}, not ${value}`);
  }
}
