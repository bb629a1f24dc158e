import * as ort from 'onnxruntime-node';
import { collectGarbage } from '../runtime/collect.js';
import { release } from '../runtime/release.js';
import { serve } from '../runtime/thread.js';
import { type Representatives, representatives } from './duplicates.js';
import { COLUMNS_DATA, int8Graph } from './int8-graph.js';
import { Int8Lane, type LaneAnswer, type LaneGallery, type LaneRequest } from './int8-lane.js';
import { type Frame, galleryMean, type PackedShard, pack } from './int8-pack.js';
import type { RescoredGallery } from './rescorer.js';

/** The vectors alone. */
export type SurveyRequest = Pick<RescoredGallery, 'shards' | 'dim' | 'distance'>;

export interface SurveyAnswer extends Representatives {
  /** See `Frame`. */
  readonly mean: Float64Array;
}

export interface PackRequest extends SurveyRequest {
  readonly packed: readonly PackedShard[];
  readonly frame: Frame;
  /** This lane fills the groups `first`, `first + step`, ... */
  readonly first: number;
  readonly step: number;
}

export interface OpenRequest {
  readonly gallery: LaneGallery;
  readonly blockRows: number;
  /** Threads of one matrix product. */
  readonly threads: number;
}

let lane: Int8Lane | undefined;
const sessions: ort.InferenceSession[] = [];

serve({
  /** Whether integer products are exact here: without VNNI, sums of two products of bytes can saturate at 16 bits. */
  async probe(): Promise<boolean> {
    const dim = 64;
    const session = await openSession(new Int8Array(dim).fill(127), dim, 1, 1);
    const input = new ort.Tensor('uint8', new Uint8Array(dim).fill(255), [1, dim]);
    const { products } = await session.run({ bytes: input });
    await session.release();
    return products.data[0] === 127 * 127 * dim;
  },

  survey({ shards, dim, distance }: SurveyRequest): SurveyAnswer {
    return { ...representatives(shards, dim), mean: galleryMean(shards, dim, distance) };
  },

  /** @returns the largest norm of a row in the fast pass */
  pack({ shards, dim, packed, frame, first, step }: PackRequest): number {
    return Math.max(0, ...packed.map((one) => pack(one, shards[one.shard], dim, frame, first, step)));
  },

  async open({ gallery, blockRows, threads }: OpenRequest): Promise<void> {
    for (const { values, bias } of gallery.packed) sessions.push(await openSession(values, gallery.dim, bias.length, threads));
    lane = new Int8Lane(gallery, blockRows, async (s, bytes, rows, products) => {
      const columns = gallery.packed[s].bias.length;
      const input = new ort.Tensor('uint8', bytes.subarray(0, rows * gallery.dim), [rows, gallery.dim]);
      const output = new ort.Tensor('int32', products.subarray(0, rows * columns), [rows, columns]);
      const { products: copy } = await sessions[s].run({ bytes: input }, { products: output });
      // onnxruntime-node makes a copy of what was written where it should be (measured: a fifth of the search, and 15 MB each time).
      const { buffer } = copy.data as Int32Array;
      if (buffer !== products.buffer) release(buffer as ArrayBuffer);
    });
  },

  search(request: LaneRequest): Promise<LaneAnswer> {
    if (!lane) throw new Error('a lane that was not opened');
    return lane.search(request);
  },

  /** @param kept whether the thread will be used again: an idle one collects no memory by itself */
  async release({ kept }: { readonly kept?: boolean } = {}): Promise<void> {
    lane = undefined;
    await Promise.all(sessions.splice(0).map((session) => session.release()));
    if (kept) setImmediate(collectGarbage);
  },
});

function openSession(values: Int8Array, dim: number, columns: number, threads: number): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(int8Graph(dim, columns), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    externalData: [{ path: COLUMNS_DATA, data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) }],
  });
}
