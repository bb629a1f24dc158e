import type { Distance, Matrix } from '../data/matrix.js';
import { type Shard, shardMatrix } from '../data/vector-store.js';
import { serve } from '../runtime/thread.js';
import { KERNEL_ROWS } from './kernel.js';
import { openScorer, overflow, type ShardScorer } from './scoring.js';

export interface OpenRequest {
  readonly shards: readonly Shard[];
  readonly dim: number;
  readonly distance: Distance;
  /** Sequence code of every gallery row. */
  readonly sequences?: Int32Array;
}

export interface RescoreRequest {
  /** Row-major queries. Shared memory, as all numbers by the thousand here. */
  readonly queries: Float32Array;
  readonly rows: number;
  /** For each shard the candidate rows of each query, relative to the shard, rows x width; absent: every row of the gallery. */
  readonly candidates?: readonly Int32Array[];
  readonly k: number;
  /** Position of the first query in the caller's batch, for messages. */
  readonly firstQuery: number;
  readonly self?: Int32Array;
  readonly sequence?: Int32Array;
  /** Where the answer goes: at most rows x k gallery rows and distances, list after list. */
  readonly ids: Int32Array;
  readonly distances: Float32Array;
}

/** What the fast pass needs to know of a shard. */
export interface PreparedShard {
  /** Added to the scores of its rows. */
  readonly bias: Float32Array;
  /** Rows divided by their norm, for cosine; shared memory. */
  readonly unit?: Float32Array;
}

export interface OpenAnswer {
  readonly shards: readonly PreparedShard[];
  /** The largest norm of a gallery row. */
  readonly maxNorm: number;
}

let gallery: OpenRequest;
let scorers: ShardScorer[];

/*
 * Candidates are ordered by one 64-bit integer each: the float32 distance as an order-preserving key in the upper half, the gallery row in the
 * lower, so that a plain numeric sort gives the order (distance, row).
 */
let keys = new BigUint64Array(0);
let halves = new Uint32Array(0);
const floatBits = new Float32Array(1);
const intBits = new Uint32Array(floatBits.buffer);

function reserve(count: number): void {
  if (keys.length >= count) return;
  const grown = new BigUint64Array(Math.max(count, keys.length * 2));
  grown.set(keys);
  keys = grown;
  halves = new Uint32Array(keys.buffer);
}

serve({
  open(request: OpenRequest): OpenAnswer {
    gallery = request;
    scorers = request.shards.map((shard) => openScorer(shard, request.dim, request.distance));
    let maxNorm = 0;
    const shards = scorers.map(({ norms }, s) => {
      for (const norm of norms) maxNorm = Math.max(maxNorm, norm);
      // l2: |x - y|^2 - |x|^2 = |y|^2 - 2 xy; the others need no bias.
      const bias = request.distance === 'l2' ? Float32Array.from(norms, (norm) => norm * norm) : new Float32Array(norms.length);
      return { bias, unit: request.distance === 'cosine' ? unitRows(shardMatrix(request.shards[s], request.dim), norms) : undefined };
    });
    return { shards, maxNorm };
  },

  /** @returns where the list of each query begins and ends */
  rescore(request: RescoreRequest): Int32Array {
    const { rows, k, ids, distances } = request;
    const offsets = new Int32Array(rows + 1);
    for (let q = 0; q < rows; q++) {
      const count = collect(request, q);
      const sorted = keys.subarray(0, count).sort();
      const kept = Math.min(k, sorted.length);
      const start = offsets[q];
      for (let i = 0; i < kept; i++) {
        const high = halves[2 * i + 1];
        ids[start + i] = halves[2 * i];
        intBits[0] = high & 0x80000000 ? high ^ 0x80000000 : ~high;
        distances[start + i] = floatBits[0];
        if (!Number.isFinite(floatBits[0])) throw overflow(gallery.distance, request.firstQuery + q, halves[2 * i]);
      }
      offsets[q + 1] = start + kept;
    }
    return offsets;
  },
});

/** Scores the candidates of a query that are not ignored into `keys`. @returns how many */
function collect(request: RescoreRequest, q: number): number {
  const { candidates } = request;
  const vector = request.queries.subarray(q * gallery.dim, (q + 1) * gallery.dim);
  const self = request.self?.[q] ?? -1;
  const sequence = request.sequence?.[q] ?? -1;
  let count = 0;
  gallery.shards.forEach((shard, s) => {
    const listed = candidates?.[s];
    const width = listed ? listed.length / request.rows : shard.rows;
    reserve(count + width);
    const scorer = scorers[s];
    scorer.query(vector);
    for (let from = 0; from < width; from += KERNEL_ROWS) {
      const block = Math.min(KERNEL_ROWS, width - from);
      const rows = listed ?? allRows;
      if (!listed) for (let i = 0; i < block; i++) allRows[i] = from + i;
      const first = listed ? q * width + from : 0;
      const scored = scorer.distances(rows, first, block);
      for (let i = 0; i < block; i++) {
        const row = shard.firstRow + rows[first + i];
        if (row === self || (sequence >= 0 && gallery.sequences?.[row] === sequence)) continue;
        floatBits[0] = scored[i];
        halves[2 * count] = row;
        halves[2 * count + 1] = intBits[0] & 0x80000000 ? ~intBits[0] : intBits[0] | 0x80000000;
        count++;
      }
    }
  });
  return count;
}

const allRows = new Int32Array(KERNEL_ROWS);

function unitRows({ data, rows, dim }: Matrix, norms: Float64Array): Float32Array {
  const unit = new Float32Array(new SharedArrayBuffer(data.byteLength));
  for (let row = 0; row < rows; row++) {
    const norm = norms[row] || 1;
    for (let i = row * dim; i < (row + 1) * dim; i++) unit[i] = data[i] / norm;
  }
  return unit;
}
