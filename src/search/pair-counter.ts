import type { EmbeddingBatch } from '../data/embedding-batch.js';
import { UserError } from '../data/errors.js';
import type { Gallery } from '../data/gallery.js';
import type { KeyBins } from '../data/key-bins.js';
import type { KeyIndex } from '../data/key-index.js';
import type { Distance } from '../data/matrix.js';
import { checkedDistance } from '../data/matrix.js';
import { PairCounts } from '../data/pair-counts.js';
import type { Postings } from '../data/postings.js';
import { built } from '../runtime/built.js';
import { Pool } from '../runtime/pool.js';
import { Scratch } from '../runtime/scratch.js';
import { Thread } from '../runtime/thread.js';
import { threadCount } from '../runtime/thread-count.js';
import type { PairBlock, PairGallery } from './pair-block.js';
import type { OpenRequest, PartsAnswer, SampleAnswer, SampleRequest, StartRequest } from './pair-worker.js';

/** Queries of a block: enough to pay for packing the gallery in each product. */
const BLOCK_ROWS = 128;
const MOST_LANES = 8;

export interface PairOptions {
  /** Default `l2`, as in OML. */
  readonly distance?: Distance;
  /** Default: all cores. */
  readonly threads?: number;
}

/** What a pass counts by. Counts of parts of the queries, made by equal bins, merge. */
export interface PairPlan {
  readonly bins: KeyBins;
  /** Distances between which most pairs lie; they matter for speed alone. */
  readonly from: number;
  readonly to: number;
  /** The queries are the gallery, row by row: each pair is looked at once and counted twice, as distances are symmetric. */
  readonly once?: boolean;
}

/** A lane with the shared memory of one of its blocks: two for each lane, so that the next block waits where the last one is worked on. */
interface Seat {
  readonly thread: Thread;
  readonly queries: Scratch;
}

/** Counts the pairs of queries with every gallery item by their canonical float32 distance. */
export class PairCounter {
  private constructor(
    private readonly gallery: Gallery,
    private readonly threads: readonly Thread[],
    private readonly seats: Pool<Seat>,
  ) {}

  /** @throws UserError for a gallery without labels, an unknown distance, and a number of threads that is none */
  static async open(gallery: Gallery, options: PairOptions = {}): Promise<PairCounter> {
    const { labels, sequences } = gallery;
    if (!labels) throw new UserError(`${gallery.source}: pairs need labels to be positive or negative`);
    const cores = threadCount(options.threads);
    const distance = checkedDistance(options.distance);
    const lanes = Math.min(cores, MOST_LANES);
    const threads = Array.from({ length: lanes }, () => new Thread(built(import.meta.url, 'pair-worker.js')));
    try {
      const { dim, shards } = gallery.vectors;
      const parts = await threads[0].call<PartsAnswer>('parts', { shards, dim, distance });
      const about: PairGallery = {
        shards,
        dim,
        distance,
        size: gallery.size,
        labels: shared(labels),
        sequences: sequences && shared(sequences),
      };
      const request: OpenRequest = { ...parts, gallery: about, blockRows: BLOCK_ROWS, threads: Math.floor(cores / lanes) };
      await Promise.all(threads.map((thread) => thread.call('open', request)));
      const seats = [...threads, ...threads].map((thread) => ({ thread, queries: new Scratch(true) }));
      return new PairCounter(gallery, threads, new Pool(seats));
    } catch (error) {
      await closed(threads);
      throw error;
    }
  }

  /**
   * One pass over all pairs.
   * @param onBatch called with the number of queries of each batch that was counted
   * @throws UserError when dimensions differ, a query batch has no labels, a distance is beyond float32
   */
  async count(
    queries: AsyncIterable<EmbeddingBatch> | Iterable<EmbeddingBatch>,
    plan: PairPlan,
    onBatch?: (rows: number) => void,
  ): Promise<PairCounts> {
    const start: StartRequest = { ranges: plan.bins.ranges, from: plan.from, to: plan.to };
    await Promise.all(this.threads.map((thread) => thread.call('start', start)));
    // One batch is read while another is counted.
    let before: Promise<unknown> = Promise.resolve();
    for await (const batch of queries) {
      const now = this.#countBatch(batch, plan.once);
      // It is awaited when the next batch is there; until then a rejection must not count as unhandled.
      now.catch(() => {});
      await before;
      before = now.then(() => onBatch?.(batch.rows));
    }
    await before;
    const counts = new PairCounts(plan.bins);
    for (const thread of this.threads) {
      const part = new PairCounts(plan.bins);
      const { positives, negatives } = await thread.call<Pick<PairCounts, 'positives' | 'negatives'>>('totals', undefined);
      part.positives.set(positives);
      part.negatives.set(negatives);
      counts.merge(part);
      if (plan.once) counts.merge(part);
    }
    return counts;
  }

  /** Canonical distances of pairs of a block: see `PairLane.sample`. */
  sample(request: SampleRequest): Promise<SampleAnswer> {
    return this.seats.with(({ thread }) => thread.call('sample', request));
  }

  /** The queries of a batch with the codes of their labels and sequences. @throws UserError when the dimension differs, or there are no labels */
  block(batch: EmbeddingBatch): PairBlock {
    const { gallery } = this;
    if (batch.dim !== gallery.dim) {
      throw new UserError(`${batch.source}: queries of dimension ${batch.dim}, but ${gallery.source} has dimension ${gallery.dim}`);
    }
    const labelOf = batch.keys('label');
    const sequenceOf = gallery.sequences && batch.keys('sequence');
    if (!labelOf) throw new UserError(`${batch.source}: pairs need labels to be positive or negative`);
    const { labels, sequences } = gallery;
    return {
      queries: batch.data,
      rows: batch.rows,
      firstQuery: batch.firstRow,
      labels: Int32Array.from({ length: batch.rows }, (_, q) => {
        const key = labelOf(q);
        const code = labels!.code(key);
        return key !== null && code < 0 ? -2 : code;
      }),
      self: batch.self,
      sequences: sequenceOf && Int32Array.from({ length: batch.rows }, (_, q) => sequences!.code(sequenceOf(q))),
    };
  }

  async #countBatch(batch: EmbeddingBatch, once: boolean | undefined): Promise<void> {
    const whole = this.block(batch);
    const { dim } = batch;
    const step = Math.max(1, Math.min(BLOCK_ROWS, Math.ceil(batch.rows / this.threads.length)));
    const firsts = Array.from({ length: Math.ceil(batch.rows / step) }, (_, b) => b * step);
    await Promise.all(
      firsts.map((first) =>
        this.seats.with((seat) => {
          const end = Math.min(batch.rows, first + step);
          const queries = seat.queries.floats((end - first) * dim);
          queries.set(whole.queries.subarray(first * dim, end * dim));
          const block: PairBlock = {
            queries,
            rows: end - first,
            firstQuery: whole.firstQuery + first,
            labels: whole.labels.slice(first, end),
            self: whole.self?.slice(first, end),
            sequences: whole.sequences?.slice(first, end),
            once,
          };
          return seat.thread.call<void>('count', block);
        }),
      ),
    );
  }

  async close(): Promise<void> {
    await closed(this.threads);
  }
}

async function closed(threads: readonly Thread[]): Promise<void> {
  await Promise.all(threads.map((thread) => thread.finish('release')));
}

/** Postings in memory that threads share. */
function shared(index: KeyIndex): Postings {
  const copy = (values: Int32Array) => {
    const out = new Int32Array(new SharedArrayBuffer(values.byteLength));
    out.set(values);
    return out;
  };
  const { starts, rows } = index.postings();
  return { starts: copy(starts), rows: copy(rows) };
}
