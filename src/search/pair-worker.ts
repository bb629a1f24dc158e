import * as ort from 'onnxruntime-node';
import { KeyBins, type KeyRange } from '../data/key-bins.js';
import { release } from '../runtime/release.js';
import { serve, Transfer } from '../runtime/thread.js';
import type { PairBlock, PairGallery } from './pair-block.js';
import { cellsOf } from './pair-cells.js';
import { type PairPart, pairParts } from './pair-frame.js';
import { pairGraph } from './pair-graph.js';
import { PairLane } from './pair-lane.js';
import { BIAS_DATA, GALLERY_DATA } from './topk-graph.js';

export interface PartsAnswer {
  readonly parts: readonly PairPart[];
  readonly largest: number;
}

export interface OpenRequest extends PartsAnswer {
  readonly gallery: PairGallery;
  readonly blockRows: number;
  /** Threads of one matrix product. */
  readonly threads: number;
}

export interface SampleRequest {
  readonly block: PairBlock;
  /** Gallery rows, ascending. */
  readonly rows: Int32Array;
  /** Positive pairs of each query, at most. */
  readonly most: number;
}

export interface SampleAnswer {
  readonly positives: Float32Array;
  readonly negatives: Float32Array;
}

export interface StartRequest {
  readonly ranges: readonly KeyRange[];
  /** Distances between which most pairs lie. */
  readonly from: number;
  readonly to: number;
}

let lane: PairLane;
let opened: PairGallery;
let sessions: ort.InferenceSession[] = [];

serve({
  parts: ({ shards, dim, distance }: Pick<PairGallery, 'shards' | 'dim' | 'distance'>): PartsAnswer => pairParts(shards, dim, distance),

  async open({ gallery, parts, largest, blockRows, threads }: OpenRequest): Promise<void> {
    opened = gallery;
    const { dim } = gallery;
    sessions = [];
    for (const part of parts) sessions.push(await openSession(part, gallery, threads));
    lane = new PairLane(gallery, parts, largest, blockRows, async (p, queries, rows, scores) => {
      const columns = parts[p].rows;
      // ONNX Runtime takes no shared memory.
      const own = queries.buffer instanceof SharedArrayBuffer ? queries.slice() : queries;
      const input = new ort.Tensor('float32', own, [rows, dim]);
      const output = new ort.Tensor('float32', scores.subarray(0, rows * columns), [rows, columns]);
      const { scores: copy } = await sessions[p].run({ queries: input }, { scores: output });
      // See int8-worker.ts.
      const { buffer } = copy.data as Float32Array;
      if (buffer !== scores.buffer) release(buffer as ArrayBuffer);
    });
  },

  sample: ({ block, rows, most }: SampleRequest): SampleAnswer => lane.sample(block, rows, most),

  start({ ranges, from, to }: StartRequest): void {
    const bins = new KeyBins(ranges);
    lane.start(bins, cellsOf(bins, opened.distance, from, to));
  },

  count: (block: PairBlock): Promise<void> => lane.count(block),

  release: () => Promise.all(sessions.map((session) => session.release())),

  totals() {
    const { positives, negatives } = lane.totals();
    return new Transfer({ positives, negatives }, [positives.buffer as ArrayBuffer, negatives.buffer as ArrayBuffer]);
  },
});

function openSession({ rows, data, bias }: PairPart, { dim, distance }: PairGallery, threads: number): Promise<ort.InferenceSession> {
  const bytes = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return ort.InferenceSession.create(pairGraph({ rows, dim, alpha: distance === 'l2' ? -2 : -1 }), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    externalData: [
      { path: GALLERY_DATA, data: bytes(data) },
      { path: BIAS_DATA, data: bytes(bias) },
    ],
    // Prepacked, every lane would hold a copy of the gallery; blocks are large enough to pay for packing each time.
    extra: { session: { disable_prepacking: '1' } },
  });
}
