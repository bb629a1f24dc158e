import { UserError } from '../data/errors.js';
import type { Gallery } from '../data/gallery.js';
import { concatLists } from '../data/lists.js';
import type { Distance, Matrix } from '../data/matrix.js';
import { shardMatrix } from '../data/vector-store.js';
import { built } from '../runtime/built.js';
import { OnnxSession } from '../runtime/onnx-session.js';
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
      return new ExactSearcher(gallery, distance, sessions, rescorer, prepared.maxNorm);
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
    const rows = Math.max(16, Math.min(512, Math.floor(SCORE_BYTES / (this.size * 4))));
    const blocks: Promise<TopK>[] = [];
    for (let first = 0; first < queries.rows; first += rows) {
      blocks.push(this.#block(queries, first, Math.min(rows, queries.rows - first), Math.min(k, this.size), ignored));
    }
    return join(await Promise.all(blocks));
  }

  async #block(queries: Matrix, first: number, rows: number, k: number, ignored: Ignored): Promise<TopK> {
    const data = queries.data.slice(first * queries.dim, (first + rows) * queries.dim);
    const self = ignored.self?.slice(first, first + rows);
    const sequence = ignored.sequence?.slice(first, first + rows);
    const wanted = k + this.#mostIgnored(rows, self, sequence) + MARGIN;
    const brute = wanted >= this.size || !this.#fitsFloat32(data, queries.dim);
    const candidates = brute
      ? undefined
      : await Promise.all(this.sessions.map((session, s) => this.#candidates(session, s, data, rows, wanted)));
    const request: RescoreRequest = { queries: data, rows, candidates, k, firstQuery: first, self, sequence };
    return this.rescorer.call('rescore', request, [data.buffer, ...(candidates ?? []).map((ids) => ids.buffer as ArrayBuffer)]);
  }

  async #candidates(session: OnnxSession, shard: number, data: Float32Array, rows: number, wanted: number): Promise<Int32Array> {
    const count = Math.min(wanted, this.gallery.vectors.shards[shard].rows);
    const { ids } = await session.run({
      queries: { type: 'float32', data, dims: [rows, this.dimension] },
      k: { type: 'int64', data: new BigInt64Array([BigInt(count)]), dims: [1] },
    });
    return ids.data as Int32Array;
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

function join(parts: TopK[]): TopK {
  if (parts.length === 1) return parts[0];
  const ids = concatLists(
    parts.map((part) => ({ offsets: part.offsets, values: part.ids })),
    Int32Array,
  );
  const distances = concatLists(
    parts.map((part) => ({ offsets: part.offsets, values: part.distances })),
    Float32Array,
  );
  return {
    offsets: ids.offsets,
    ids: ids.values,
    distances: distances.values,
    retried: parts.reduce((sum, part) => sum + part.retried, 0),
  };
}
