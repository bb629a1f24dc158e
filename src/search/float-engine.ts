import type { Gallery } from '../data/gallery.js';
import type { Distance } from '../data/matrix.js';
import { built } from '../runtime/built.js';
import { Pool } from '../runtime/pool.js';
import { Scratch } from '../runtime/scratch.js';
import { Thread } from '../runtime/thread.js';
import { type Arithmetic, fitsFloat32 } from './bound.js';
import { squaredNorm } from './canonical.js';
import { LEAST_BLOCK } from './device-limits.js';
import type { Block, Engine, Found } from './engine.js';
import type { FastPass, FastPassDevice } from './fast-pass.js';
import type { OpenRequest, RescoreAnswer, RescoreRequest, SurveyAnswer, SurveyRequest } from './rescore-worker.js';

/** Candidates beyond k and the ignored items, so that the proof mostly closes at once; more where factors are rounded and the bound is wide. */
const MARGIN = 16;
const WIDE_MARGIN = 128;
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
  readonly fastPass = 'float32';
  readonly lanes = 1;

  private constructor(
    private readonly where: FastPassDevice,
    private readonly passes: readonly FastPass[],
    private readonly rescorer: Thread,
    private readonly seats: Pool<Seat>,
    /** Rows of each part. */
    private readonly sizes: readonly number[],
    private readonly gallery: { readonly dim: number; readonly largest: number },
    private readonly margin: number,
  ) {}

  get device(): string {
    return this.where.name;
  }

  get blockRows(): number {
    const most = Math.min(Math.max(...this.sizes), this.where.columns);
    return Math.max(LEAST_BLOCK, Math.min(512, Math.floor(SCORE_BYTES / (most * 4))));
  }

  /** @param arithmetic how the device computes, asked for when it is in use already; without it nothing is proven */
  static async open(
    gallery: Gallery,
    distance: Distance,
    where: FastPassDevice,
    arithmetic?: () => Promise<Arithmetic>,
  ): Promise<FloatEngine> {
    const rescorer = new Thread(built(import.meta.url, 'rescore-worker.js'));
    const passes: FastPass[] = [];
    try {
      const { dim, shards } = gallery.vectors;
      const survey: SurveyRequest = { shards, dim, distance, partRows: where.partRows(dim) };
      const { parts, twins, largest } = await rescorer.call<SurveyAnswer>('survey', survey);
      for (const part of parts) passes.push(await where.open(part, dim, distance));
      const known = await arithmetic?.();
      const request: OpenRequest = {
        gallery: { shards, dim, distance, twins, sequences: gallery.sequences?.codes, isPart: gallery.isPart },
        parts: parts.map(({ shard, rows }) => ({ shard, rows })),
        largest,
        arithmetic: known,
      };
      await rescorer.call('open', request);
      const seats = Array.from({ length: SEATS }, () => newSeat(parts.length));
      const sizes = parts.map(({ rows }) => rows.length);
      const about = { dim, largest: distance === 'cosine' ? 1 : largest };
      return new FloatEngine(where, passes, rescorer, new Pool(seats), sizes, about, known?.factors ? WIDE_MARGIN : MARGIN);
    } catch (error) {
      await Promise.all([rescorer, ...passes].map((part) => part.close()));
      throw error;
    }
  }

  search(block: Block, take: (found: Found) => void): Promise<void> {
    return this.seats.with(async (seat) => take(await this.#look(seat, block, this.margin)));
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
    const { counts, open, blind } = await this.rescorer.call<RescoreAnswer>('rescore', request);
    const wider = (wanted + 1) * WIDER;
    // A candidate takes 8 bytes of each part.
    const together = Math.max(1, Math.floor(SCORE_BYTES / (8 * wider * this.sizes.length)));
    for (let from = 0; from < open.length; from += together) {
      const some = open.subarray(from, from + together);
      // Few: in memory of their own.
      const found = await this.#look(newSeat(this.sizes.length), chosen(block, some, this.gallery.dim), wider);
      some.forEach((q, i) => {
        counts[q] = found.counts[i];
        ids.set(found.ids.subarray(i * k, (i + 1) * k), q * k);
        distances.set(found.distances.subarray(i * k, (i + 1) * k), q * k);
      });
    }
    return { counts, ids, distances, retried: open.length + blind };
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

/** Some queries of a block. Their positions are lost, which only messages about overflow need; what could overflow is never looked at twice. */
function chosen(block: Block, some: Int32Array, dim: number): Block {
  const of = (codes?: Int32Array) => codes && Int32Array.from(some, (q) => codes[q]);
  const queries = new Float32Array(some.length * dim);
  some.forEach((q, i) => {
    queries.set(block.queries.subarray(q * dim, (q + 1) * dim), i * dim);
  });
  const { k, firstQuery, self, sequence, ignored } = block;
  return {
    queries,
    rows: some.length,
    k,
    firstQuery,
    self: of(self),
    sequence: of(sequence),
    ignored: Int32Array.from(some, (q) => ignored[q]),
  };
}
