import { UserError } from '../data/errors.js';
import type { Gallery } from '../data/gallery.js';
import type { Distance, Matrix } from '../data/matrix.js';
import { shardMatrix } from '../data/vector-store.js';
import { built } from '../runtime/built.js';
import { OnnxSession, type Tensor } from '../runtime/onnx-session.js';
import { Pool } from '../runtime/pool.js';
import { Scratch } from '../runtime/scratch.js';
import { Thread } from '../runtime/thread.js';
import { squaredNorm } from './canonical.js';
import type { OpenAnswer, OpenRequest, RescoreRequest } from './rescore-worker.js';
import type { Ignored, Searcher, TopK } from './searcher.js';
import { BIAS_DATA, GALLERY_DATA, topKGraph } from './topk-graph.js';

export interface ExactOptions {
  /** Default `l2`, as in OML. */
  readonly distance?: Distance;
  /** Threads of the fast pass; default: all cores. */
  readonly threads?: number;
}

/** Candidates beyond k and the ignored items, so that rounding in the fast pass does not cost a true neighbour. */
const MARGIN = 16;
/** Bytes of scores (queries x gallery, float32) that one run of the graph may make: large enough to keep the matrix product efficient. */
const SCORE_BYTES = 48 * 2 ** 20;

/** Blocks of queries that are under way at one time: one in the fast pass, one that waits for it, one that is re-scored. */
const BLOCKS = 3;

/** Shared memory for one block on its way through the threads. */
interface BlockMemory {
  readonly queries: Scratch;
  /** For each shard. */
  readonly candidates: readonly Scratch[];
  readonly ids: Scratch;
  readonly distances: Scratch;
}

interface Block {
  readonly first: number;
  readonly rows: number;
  readonly k: number;
  readonly ignored: Ignored;
}

/**
 * Exhaustive search on the CPU. A fast float32 pass (ONNX Runtime, in a thread) proposes k + ignored + 16 candidates; a second thread re-scores
 * them with the canonical distance and orders them by (float32 distance, gallery row). The two threads overlap.
 */
export class ExactSearcher implements Searcher {
  readonly device = 'cpu';
  /** The candidates come from float32 arithmetic, without a proof that nothing outside them belongs to the top k. */
  readonly exact = false;

  private constructor(
    private readonly gallery: Gallery,
    readonly distance: Distance,
    private readonly sessions: readonly OnnxSession[],
    private readonly rescorer: Thread,
    private readonly maxNorm: number,
    private readonly memories: Pool<BlockMemory>,
  ) {}

  get size(): number {
    return this.gallery.size;
  }

  get dimension(): number {
    return this.gallery.dim;
  }

  static async open(gallery: Gallery, options: ExactOptions = {}): Promise<ExactSearcher> {
    const distance = options.distance ?? 'l2';
    const rescorer = new Thread(built(import.meta.url, 'rescore-worker.js'));
    const sessions: OnnxSession[] = [];
    try {
      const { dim, shards } = gallery.vectors;
      const request: OpenRequest = { shards, dim, distance, sequences: gallery.sequences?.codes };
      const prepared = await rescorer.call<OpenAnswer>('open', request);
      for (const [s, shard] of shards.entries()) {
        const { bias, unit } = prepared.shards[s];
        const externalData = [
          { path: GALLERY_DATA, data: bytes(unit ?? shardMatrix(shard, dim).data) },
          { path: BIAS_DATA, data: bytes(bias) },
        ];
        const model = topKGraph({ rows: shard.rows, dim, alpha: distance === 'l2' ? -2 : -1 });
        sessions.push(await OnnxSession.open(model, { externalData, threads: options.threads }));
      }
      const memories: BlockMemory[] = Array.from({ length: BLOCKS }, () => ({
        queries: new Scratch(true),
        candidates: shards.map(() => new Scratch(true)),
        ids: new Scratch(true),
        distances: new Scratch(true),
      }));
      return new ExactSearcher(gallery, distance, sessions, rescorer, prepared.maxNorm, new Pool(memories));
    } catch (error) {
      await Promise.all([rescorer, ...sessions].map((part) => part.close()));
      throw error;
    }
  }

  async search(queries: Matrix, k: number, ignored: Ignored = {}): Promise<TopK> {
    if (!Number.isInteger(k) || k < 1) throw new UserError(`k must be a positive integer, not ${k}`);
    if (queries.dim !== this.dimension) {
      throw new UserError(`queries of dimension ${queries.dim} cannot be searched in a gallery of dimension ${this.dimension}`);
    }
    const width = Math.min(k, this.size);
    const ids = new Int32Array(queries.rows * width);
    const distances = new Float32Array(queries.rows * width);
    const step = Math.max(16, Math.min(512, Math.floor(SCORE_BYTES / (this.size * 4))));
    const firsts = Array.from({ length: Math.ceil(queries.rows / step) }, (_, b) => b * step);
    const lists = await Promise.all(
      firsts.map((first) =>
        this.memories.with(async (memory) => {
          const rows = Math.min(step, queries.rows - first);
          const found = await this.#block(memory, queries, { first, rows, k: width, ignored });
          ids.set(found.ids, first * width);
          distances.set(found.distances, first * width);
          return found.offsets;
        }),
      ),
    );
    return packed(ids, distances, lists, width);
  }

  async #block(memory: BlockMemory, queries: Matrix, { first, rows, k, ignored }: Block) {
    const data = memory.queries.floats(rows * queries.dim);
    data.set(queries.data.subarray(first * queries.dim, (first + rows) * queries.dim));
    const self = ignored.self?.slice(first, first + rows);
    const sequence = ignored.sequence?.slice(first, first + rows);
    const wanted = k + this.#mostIgnored(rows, self, sequence) + MARGIN;
    const brute = wanted >= this.size || !this.#fitsFloat32(data, queries.dim);
    const candidates = brute ? undefined : await Promise.all(this.sessions.map((_, s) => this.#candidates(memory, s, data, rows, wanted)));
    const [ids, distances] = [memory.ids.ints(rows * k), memory.distances.floats(rows * k)];
    const request: RescoreRequest = { queries: data, rows, candidates, k, firstQuery: first, self, sequence, ids, distances };
    const offsets = await this.rescorer.call<Int32Array>('rescore', request);
    return { offsets, ids: ids.subarray(0, offsets[rows]), distances: distances.subarray(0, offsets[rows]) };
  }

  async #candidates(memory: BlockMemory, s: number, data: Float32Array, rows: number, wanted: number): Promise<Int32Array> {
    const count = Math.min(wanted, this.gallery.vectors.shards[s].rows);
    const ids = memory.candidates[s].ints(rows * count);
    const queries: Tensor = { type: 'float32', data, dims: [rows, this.dimension] };
    const k: Tensor = { type: 'int64', data: BigInt64Array.of(BigInt(count)), dims: [1] };
    await this.sessions[s].runInto({ queries, k }, { ids: { type: 'int32', data: ids, dims: [rows, count] } });
    return ids;
  }

  #mostIgnored(rows: number, self?: Int32Array, sequence?: Int32Array): number {
    let most = 0;
    for (let q = 0; q < rows; q++) {
      const own = self && self[q] >= 0 ? 1 : 0;
      const same = sequence ? (this.gallery.sequences?.count(sequence[q]) ?? 0) : 0;
      most = Math.max(most, own + same);
    }
    return most;
  }

  /** Whether no score of the fast pass can overflow: |x|^2 + 2|x||y| + |y|^2 stays far below the largest float32. */
  #fitsFloat32(data: Float32Array, dim: number): boolean {
    for (let start = 0; start < data.length; start += dim) {
      const norm = this.distance === 'cosine' ? 1 : this.maxNorm;
      if ((Math.sqrt(squaredNorm(data.subarray(start, start + dim))) + norm) ** 2 > 1e38) return false;
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

/** Joins blocks that stand with gaps between them: block b, of `lists[b].length - 1` queries, begins at its first query times `width`. */
function packed(ids: Int32Array, distances: Float32Array, lists: readonly Int32Array[], width: number): TopK {
  const queries = lists.reduce((sum, offsets) => sum + offsets.length - 1, 0);
  const offsets = new Int32Array(queries + 1);
  let query = 0;
  for (const list of lists) {
    const [to, from, count] = [offsets[query], query * width, list[list.length - 1]];
    if (to < from) {
      ids.copyWithin(to, from, from + count);
      distances.copyWithin(to, from, from + count);
    }
    for (let i = 1; i < list.length; i++) offsets[++query] = to + list[i];
  }
  const total = offsets[queries];
  const full = total === ids.length;
  return { offsets, ids: full ? ids : ids.slice(0, total), distances: full ? distances : distances.slice(0, total), retried: 0 };
}
