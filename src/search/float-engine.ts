import type { Gallery } from '../data/gallery.js';
import type { Distance } from '../data/matrix.js';
import { built } from '../runtime/built.js';
import { Pool } from '../runtime/pool.js';
import { Scratch } from '../runtime/scratch.js';
import { Thread } from '../runtime/thread.js';
import { fitsFloat32 } from './bound.js';
import { squaredNorm } from './canonical.js';
import type { Block, Engine, Found } from './engine.js';
import type { FastPass, FastPassDevice } from './fast-pass.js';
import type { OpenRequest, RescoreAnswer, RescoreRequest, SurveyAnswer, SurveyRequest } from './rescore-worker.js';

/** Candidates beyond k and the ignored items, so that the proof mostly closes at once. */
const MARGIN = 16;
/** How much wider the second look is. */
const WIDER = 8;
/** Bytes of scores (queries x gallery, float32) that one product may make: large enough to keep it efficient. */
const SCORE_BYTES = 48 * 2 ** 20;
/** Blocks that are under way at one time: one in the fast pass, one that waits for it, one that is re-scored. */
const SEATS = 3;

/** Shared memory for one block on its way through the threads. */
interface Seat {
  readonly queries: Scratch;
  /** For each part. */
  readonly candidates: readonly { readonly ids: Scratch; readonly values: Scratch }[];
  readonly ids: Scratch;
  readonly distances: Scratch;
}

/**
 * Search by float32 products: a fast pass proposes k + ignored + 16 candidates; a thread re-scores them and proves that nothing
 * outside them can belong to the first k. Where the proof does not close, more candidates are looked at, then all rows.
 */
export class FloatEngine implements Engine {
  readonly lanes = 1;

  private constructor(
    private readonly where: FastPassDevice,
    private readonly passes: readonly FastPass[],
    private readonly rescorer: Thread,
    private readonly seats: Pool<Seat>,
    /** Rows of each part. */
    private readonly sizes: readonly number[],
    private readonly gallery: { readonly dim: number; readonly largest: number },
  ) {}

  get device(): string {
    return this.where.name;
  }

  get blockRows(): number {
    const most = Math.min(Math.max(...this.sizes), this.where.columns);
    return Math.max(16, Math.min(512, Math.floor(SCORE_BYTES / (most * 4))));
  }

  /** @param roundoff unit roundoff of the device's float32 products; without it nothing is proven */
  static async open(gallery: Gallery, distance: Distance, where: FastPassDevice, roundoff?: number): Promise<FloatEngine> {
    const rescorer = new Thread(built(import.meta.url, 'rescore-worker.js'));
    const passes: FastPass[] = [];
    try {
      const { dim, shards } = gallery.vectors;
      const survey: SurveyRequest = { shards, dim, distance };
      const { parts, twins, largest } = await rescorer.call<SurveyAnswer>('survey', survey);
      for (const part of parts) passes.push(await where.open(part, dim, distance));
      const request: OpenRequest = {
        gallery: { ...survey, twins, sequences: gallery.sequences?.codes },
        parts: parts.map(({ shard, rows }) => ({ shard, rows })),
        largest,
        roundoff,
      };
      await rescorer.call('open', request);
      const seats = Array.from({ length: SEATS }, () => newSeat(parts.length));
      const sizes = parts.map(({ rows }) => rows.length);
      const about = { dim, largest: distance === 'cosine' ? 1 : largest };
      return new FloatEngine(where, passes, rescorer, new Pool(seats), sizes, about);
    } catch (error) {
      await Promise.all([rescorer, ...passes].map((part) => part.close()));
      throw error;
    }
  }

  search(block: Block, take: (found: Found) => void): Promise<void> {
    return this.seats.with(async (seat) => take(await this.#look(seat, block, MARGIN)));
  }

  /** @param margin candidates beyond those that are wanted */
  async #look(seat: Seat, block: Block, margin: number): Promise<Found> {
    const { rows, k } = block;
    const queries = seat.queries.floats(block.queries.length);
    queries.set(block.queries);
    const wanted = k + block.ignored.reduce((most, count) => Math.max(most, count), 0) + margin;
    const all = wanted >= Math.max(...this.sizes) || !this.#fitsFloat32(queries);
    const candidates = all ? undefined : await Promise.all(this.passes.map((_, s) => this.#candidates(seat, s, queries, rows, wanted)));
    const [ids, distances] = [seat.ids.ints(rows * k), seat.distances.floats(rows * k)];
    const request: RescoreRequest = { ...block, queries, candidates, ids, distances };
    const { counts, open } = await this.rescorer.call<RescoreAnswer>('rescore', request);
    for (const q of open) {
      // Few: one by one, in memory of their own.
      const found = await this.#look(newSeat(this.sizes.length), only(block, q, this.gallery.dim), (wanted + 1) * WIDER);
      counts[q] = found.counts[0];
      ids.set(found.ids, q * k);
      distances.set(found.distances, q * k);
    }
    return { counts, ids, distances, retried: open.length };
  }

  async #candidates(seat: Seat, s: number, data: Float32Array, rows: number, wanted: number) {
    const count = Math.min(wanted, this.sizes[s]);
    const [ids, values] = [seat.candidates[s].ids.ints(rows * count), seat.candidates[s].values.floats(rows * count)];
    await this.passes[s].propose(data, rows, count, ids, values);
    return { ids, values };
  }

  /** Whether no score of the fast pass can overflow. */
  #fitsFloat32(data: Float32Array): boolean {
    const { dim, largest } = this.gallery;
    for (let start = 0; start < data.length; start += dim) {
      if (!fitsFloat32(Math.sqrt(squaredNorm(data.subarray(start, start + dim))), largest)) return false;
    }
    return true;
  }

  async close(): Promise<void> {
    await Promise.all([this.rescorer, ...this.passes].map((part) => part.close()));
  }
}

function newSeat(shards: number): Seat {
  const scratch = () => new Scratch(true);
  const candidates = Array.from({ length: shards }, () => ({ ids: scratch(), values: scratch() }));
  return { queries: scratch(), candidates, ids: scratch(), distances: scratch() };
}

/** One query of a block. */
function only(block: Block, q: number, dim: number): Block {
  return {
    queries: block.queries.subarray(q * dim, (q + 1) * dim),
    rows: 1,
    k: block.k,
    firstQuery: block.firstQuery + q,
    self: block.self?.subarray(q, q + 1),
    sequence: block.sequence?.subarray(q, q + 1),
    ignored: block.ignored.subarray(q, q + 1),
  };
}
