import type { Gallery } from '../data/gallery.js';
import type { Distance } from '../data/matrix.js';
import { built } from '../runtime/built.js';
import { IdleThreads } from '../runtime/idle-threads.js';
import { Pool } from '../runtime/pool.js';
import { Scratch } from '../runtime/scratch.js';
import type { Thread } from '../runtime/thread.js';
import type { Block, Engine, Found } from './engine.js';
import type { LaneAnswer, LaneGallery, LaneRequest } from './int8-lane.js';
import { allocatePacked, type Frame } from './int8-pack.js';
import type { OpenRequest, PackRequest, SurveyAnswer, SurveyRequest } from './int8-worker.js';

/** Queries of a block: enough to keep the matrix product efficient, few enough that its products stay in the cache. */
const BLOCK_ROWS = 64;
/** Columns of one matrix product: 64 x 65,536 products take 16 MB. */
const MOST_COLUMNS = 65_536;
/** Lanes copy the packed gallery (a quarter of the vectors): more cores go to the threads of a lane. */
const MOST_LANES = 8;
/** Lanes of a gallery of at most so many bytes wait for the next one. */
const MOST_KEPT_BYTES = 32 * 2 ** 20;

/** Sums of so many products of bytes fit 32 bits. */
const MOST_DIMENSIONS = 65_000;
/** In a larger gallery a sample tells the share of rows that must be re-scored; float32 products are cheaper beyond this one (measured). */
const SAMPLED_SIZE = 20_000;
const MOST_CANDIDATES = 0.0275;

/** Measured: to start a lane and have it compiled takes 0.25 s, the search of a small gallery 0.07 s. */
const idle = new IdleThreads(built(import.meta.url, 'int8-worker.js'), MOST_LANES);

/** A lane with the shared memory of one of its blocks: two for each lane, so that the next block waits where the last one is worked on. */
interface Seat {
  readonly thread: Thread;
  readonly queries: Scratch;
  readonly ids: Scratch;
  readonly distances: Scratch;
}

/** Exact search on the CPU by int8 products: each lane, a thread, does all the work of a block, so that the lanes never wait for each other. */
export class Int8Engine implements Engine {
  readonly device = 'cpu';
  readonly fastPass = 'int8';
  readonly blockRows = BLOCK_ROWS;

  #closed = false;

  private constructor(
    private readonly threads: readonly Thread[],
    private readonly seats: Pool<Seat>,
    /** Whether the threads may wait for the next search. */
    private readonly keep: boolean,
  ) {}

  get lanes(): number {
    return this.threads.length;
  }

  /**
   * @param cores how many may be used
   * @returns undefined where integer products are not exact on this processor, or leave too many candidates of this gallery
   */
  static async open(gallery: Gallery, distance: Distance, cores: number): Promise<Int8Engine | undefined> {
    const lanes = Math.min(cores, MOST_LANES);
    const threads = Array.from({ length: lanes }, () => idle.take());
    // Parts are many, and their memory must be free before the next one is read.
    const keep = !gallery.isPart && gallery.size * gallery.dim * 4 <= MOST_KEPT_BYTES;
    try {
      const { dim, shards } = gallery.vectors;
      if (dim > MOST_DIMENSIONS || !(await threads[0].call<boolean>('probe', undefined))) return await closed(threads, keep);
      const survey: SurveyRequest = { shards, dim, distance };
      const { rows, twins, mean } = await threads[0].call<SurveyAnswer>('survey', survey);
      const packed = allocatePacked(rows, dim, MOST_COLUMNS);
      const frame: Frame = { distance, mean };
      const largest = await Promise.all(
        threads.map((thread, first) => {
          const request: PackRequest = { ...survey, packed, frame, first, step: lanes };
          return thread.call<number>('pack', request);
        }),
      );
      const whole: LaneGallery = {
        ...survey,
        frame,
        packed,
        twins,
        sequences: gallery.sequences?.codes,
        largest: Math.max(...largest),
        isPart: gallery.isPart,
      };
      const request: OpenRequest = { gallery: whole, blockRows: BLOCK_ROWS, threads: Math.floor(cores / lanes) };
      await Promise.all(threads.map((thread) => thread.call('open', request)));
      const seats = [...threads, ...threads].map((thread) => ({
        thread,
        queries: new Scratch(true),
        ids: new Scratch(true),
        distances: new Scratch(true),
      }));
      const engine = new Int8Engine(threads, new Pool(seats), keep);
      return gallery.size > SAMPLED_SIZE && (await engine.#candidateShare(gallery)) > MOST_CANDIDATES
        ? await closed(threads, keep)
        : engine;
    } catch (error) {
      await closed(threads, keep);
      throw error;
    }
  }

  /** The share of the gallery that has to be re-scored for a query like its own rows. */
  async #candidateShare(gallery: Gallery): Promise<number> {
    const { size, dim } = gallery;
    const rows = BLOCK_ROWS;
    const queries = new Float32Array(rows * dim);
    for (let q = 0; q < rows; q++) queries.set(gallery.vectors.row(Math.floor((q * size) / rows)), q * dim);
    let scored = 0;
    const sample: Block = { queries, rows, k: 100, firstQuery: 0, ignored: new Int32Array(rows) };
    await this.#run(sample, (answer) => {
      scored = answer.scored;
    });
    return scored / rows / size;
  }

  search(block: Block, take: (found: Found) => void): Promise<void> {
    return this.#run(block, take);
  }

  #run(block: Block, take: (found: Found & LaneAnswer) => void): Promise<void> {
    return this.seats.with(async (seat) => {
      // The thread may be another's by now.
      if (this.#closed) throw new Error('the searcher was closed');
      const queries = seat.queries.floats(block.queries.length);
      queries.set(block.queries);
      const [ids, distances] = [seat.ids.ints(block.rows * block.k), seat.distances.floats(block.rows * block.k)];
      const request: LaneRequest = { ...block, queries, ids, distances };
      take({ ...(await seat.thread.call<LaneAnswer>('search', request)), ids, distances });
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await closed(this.threads, this.keep);
  }
}

async function closed(threads: readonly Thread[], keep: boolean): Promise<undefined> {
  await Promise.all(threads.map((thread) => (keep ? idle.giveBack(thread, 'release', { kept: true }) : thread.finish('release'))));
}
