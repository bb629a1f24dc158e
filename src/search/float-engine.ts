import type { Gallery } from '../data/gallery.js';
import type { Distance } from '../data/matrix.js';
import { built } from '../runtime/built.js';
import { OnnxSession, type Tensor } from '../runtime/onnx-session.js';
import { Pool } from '../runtime/pool.js';
import { Scratch } from '../runtime/scratch.js';
import { Thread } from '../runtime/thread.js';
import { squaredNorm } from './canonical.js';
import type { Block, Engine, Found } from './engine.js';
import type { OpenRequest, RescoreAnswer, RescoreRequest, SurveyAnswer, SurveyRequest } from './rescore-worker.js';
import { BIAS_DATA, GALLERY_DATA, topKGraph } from './topk-graph.js';

/** Candidates beyond k and the ignored items, so that the proof mostly closes at once. */
const MARGIN = 16;
/** How much wider the second look is. */
const WIDER = 8;
/** Bytes of scores (queries x gallery, float32) that one run of the graph may make: large enough to keep the matrix product efficient. */
const SCORE_BYTES = 48 * 2 ** 20;
/** Blocks that are under way at one time: one in the fast pass, one that waits for it, one that is re-scored. */
const SEATS = 3;
/** Scores are sums of squares of norms: beyond this they could overflow float32. */
const LARGEST_SQUARE = 1e38;

/** Shared memory for one block on its way through the threads. */
interface Seat {
  readonly queries: Scratch;
  /** For each part. */
  readonly candidates: readonly { readonly ids: Scratch; readonly values: Scratch }[];
  readonly ids: Scratch;
  readonly distances: Scratch;
}

export interface FloatOptions {
  readonly threads: number;
  /** Unit roundoff of the device's float32 products; without it nothing is proven. */
  readonly roundoff?: number;
}

/**
 * Search by float32 products: ONNX Runtime, in a thread, proposes k + ignored + 16 candidates; another thread re-scores them and proves that nothing
 * outside them can belong to the first k. Where the proof does not close, more candidates are looked at, then all rows.
 */
export class FloatEngine implements Engine {
  readonly device = 'cpu';
  readonly fastPass = 'float32';
  readonly lanes = 1;

  private constructor(
    private readonly sessions: readonly OnnxSession[],
    private readonly rescorer: Thread,
    private readonly seats: Pool<Seat>,
    /** Rows of each part. */
    private readonly sizes: readonly number[],
    private readonly gallery: { readonly dim: number; readonly largest: number },
  ) {}

  get blockRows(): number {
    const most = Math.max(...this.sizes);
    return Math.max(16, Math.min(512, Math.floor(SCORE_BYTES / (most * 4))));
  }

  static async open(gallery: Gallery, distance: Distance, { threads, roundoff }: FloatOptions): Promise<FloatEngine> {
    const rescorer = new Thread(built(import.meta.url, 'rescore-worker.js'));
    const sessions: OnnxSession[] = [];
    try {
      const { dim, shards } = gallery.vectors;
      const survey: SurveyRequest = { shards, dim, distance };
      const { parts, twins, largest } = await rescorer.call<SurveyAnswer>('survey', survey);
      for (const { data, bias } of parts) {
        const externalData = [
          { path: GALLERY_DATA, data: bytes(data) },
          { path: BIAS_DATA, data: bytes(bias) },
        ];
        const model = topKGraph({ rows: bias.length, dim, alpha: distance === 'l2' ? -2 : -1 });
        sessions.push(await OnnxSession.open(model, { externalData, threads }));
      }
      const request: OpenRequest = {
        gallery: { ...survey, twins, sequences: gallery.sequences?.codes, isPart: gallery.isPart },
        parts: parts.map(({ shard, rows }) => ({ shard, rows })),
        largest,
        roundoff,
      };
      await rescorer.call('open', request);
      const seats = Array.from({ length: SEATS }, () => newSeat(parts.length));
      const sizes = parts.map(({ rows }) => rows.length);
      const about = { dim, largest: distance === 'cosine' ? 1 : largest };
      return new FloatEngine(sessions, rescorer, new Pool(seats), sizes, about);
    } catch (error) {
      await Promise.all([rescorer, ...sessions].map((part) => part.close()));
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
    const candidates = all ? undefined : await Promise.all(this.sessions.map((_, s) => this.#candidates(seat, s, queries, rows, wanted)));
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
    const dims = [rows, count];
    const [ids, values] = [seat.candidates[s].ids.ints(rows * count), seat.candidates[s].values.floats(rows * count)];
    const queries: Tensor = { type: 'float32', data, dims: [rows, this.gallery.dim] };
    const k: Tensor = { type: 'int64', data: BigInt64Array.of(BigInt(count)), dims: [1] };
    await this.sessions[s].runInto(
      { queries, k },
      { ids: { type: 'int32', data: ids, dims }, values: { type: 'float32', data: values, dims } },
    );
    return { ids, values };
  }

  /** Whether no score of the fast pass can overflow. */
  #fitsFloat32(data: Float32Array): boolean {
    const { dim, largest } = this.gallery;
    for (let start = 0; start < data.length; start += dim) {
      if (!((Math.sqrt(squaredNorm(data.subarray(start, start + dim))) + largest) ** 2 < LARGEST_SQUARE)) return false;
    }
    return true;
  }

  async close(): Promise<void> {
    await Promise.all([this.rescorer, ...this.sessions].map((part) => part.close()));
  }
}

function bytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
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
