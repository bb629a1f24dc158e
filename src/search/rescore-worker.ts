import { shardMatrix } from '../data/vector-store.js';
import { serve } from '../runtime/thread.js';
import { type Arithmetic, float64Error, productError, productsHorizon, squaresHorizon } from './bound.js';
import { squaredNorm } from './canonical.js';
import { type Representatives, representatives } from './duplicates.js';
import type { Block } from './engine.js';
import { Candidates } from './order.js';
import { type RescoredGallery, Rescorer } from './rescorer.js';

/** The vectors alone. */
export interface SurveyRequest extends Pick<RescoredGallery, 'shards' | 'dim' | 'distance'> {
  /** The most rows of a part. */
  readonly partRows: number;
}

/** Candidates of one shard: all that the fast pass looks at in one matrix product. */
export interface Part {
  readonly shard: number;
  /** Rows of the shard. */
  readonly rows: Int32Array;
}

export interface PartData extends Part {
  /** Row-major float32 [rows x dim]. */
  readonly data: Float32Array;
  readonly bias: Float32Array;
}

export interface SurveyAnswer extends Pick<Representatives, 'twins'> {
  /** With each part its rows, divided by their norm for cosine, as a matrix, and what is added to their scores. */
  readonly parts: readonly PartData[];
  /** The largest norm of a row. */
  readonly largest: number;
}

export interface OpenRequest {
  readonly gallery: RescoredGallery;
  readonly parts: readonly Part[];
  readonly largest: number;
  /** Of the fast pass; without it nothing is proven. */
  readonly arithmetic?: Arithmetic;
}

/** A block in shared memory. */
export interface RescoreRequest extends Block {
  /** For each part the candidates of each query and their scores, [rows x width]: positions among its rows. Absent: all rows. */
  readonly candidates?: readonly { readonly ids: Int32Array; readonly values: Float32Array }[];
  /** Where the answer goes: int32 and float32 [rows x k]. */
  readonly ids: Int32Array;
  readonly distances: Float32Array;
}

export interface RescoreAnswer {
  /** Results of each query. */
  readonly counts: Int32Array;
  /** Positions of the queries for which a row outside the candidates could belong to the first k. */
  readonly open: Int32Array;
  /** Queries whose scores were no numbers, and that were compared with all rows for it. */
  readonly blind: number;
}

let opened: OpenRequest;
let rescorer: Rescorer;
const list = new Candidates();

serve({
  survey({ shards, dim, distance, partRows }: SurveyRequest): SurveyAnswer {
    const all = representatives(shards, dim);
    let largest = 0;
    const parts = all.rows.flatMap((rows, shard) => {
      if (rows.length === 0) return [];
      const { data } = shardMatrix(shards[shard], dim);
      const norms = Float64Array.from(rows, (row) => Math.sqrt(squaredNorm(data.subarray(row * dim, (row + 1) * dim))));
      for (const norm of norms) largest = Math.max(largest, norm);
      const bias = new Float32Array(new SharedArrayBuffer(rows.length * 4));
      if (distance === 'l2') for (let i = 0; i < rows.length; i++) bias[i] = norms[i] * norms[i];
      // The gallery itself, unless it has to be changed.
      if (distance !== 'cosine' && rows.length === shards[shard].rows) return split({ shard, rows, data, bias }, partRows);
      const matrix = new Float32Array(new SharedArrayBuffer(rows.length * dim * 4));
      for (let i = 0; i < rows.length; i++) {
        const norm = distance === 'cosine' ? norms[i] || 1 : 1;
        const from = rows[i] * dim;
        for (let j = 0; j < dim; j++) matrix[i * dim + j] = data[from + j] / norm;
      }
      return split({ shard, rows, data: matrix, bias }, partRows);
    });
    return { twins: all.twins, parts, largest };
  },

  open(request: OpenRequest): void {
    opened = request;
    rescorer = new Rescorer(request.gallery);
  },

  rescore(request: RescoreRequest): RescoreAnswer {
    const { rows, k, queries, candidates } = request;
    const { dim } = opened.gallery;
    const counts = new Int32Array(rows);
    const open: number[] = [];
    let blind = 0;
    for (let q = 0; q < rows; q++) {
      const vector = queries.subarray(q * dim, (q + 1) * dim);
      const [self, sequence] = [request.self?.[q] ?? -1, request.sequence?.[q] ?? -1];
      rescorer.query = { vector, k, self, sequence, ignored: request.ignored[q] };
      list.count = 0;
      const seen = candidates?.every(({ values }) => finite(values, q, rows)) ? candidates : undefined;
      if (candidates && !seen) blind++;
      opened.parts.forEach((part, p) => {
        const width = (seen?.[p].ids.length ?? 0) / rows;
        rescorer.add(list, part.shard, part.rows, seen?.[p].ids.subarray(q * width, (q + 1) * width));
      });
      counts[q] = list.count;
      if (seen && opened.arithmetic && !proven(vector, q, request, opened.arithmetic)) open.push(q);
      else rescorer.write(list, request.ids, request.distances, q * k, request.firstQuery + q);
    }
    return { counts, open: Int32Array.from(open), blind };
  },
});

/** Parts of at most so many rows; their numbers are not copied. */
function split({ shard, rows, data, bias }: PartData, most: number): PartData[] {
  const dim = data.length / rows.length;
  return Array.from({ length: Math.ceil(rows.length / most) }, (_, p) => {
    const [from, to] = [p * most, Math.min(rows.length, (p + 1) * most)];
    return { shard, rows: rows.subarray(from, to), data: data.subarray(from * dim, to * dim), bias: bias.subarray(from, to) };
  });
}

/** Whether the scores of a query are numbers. A device that gives others has overflowed, and nothing that it says of this query counts. */
function finite(values: Float32Array, q: number, rows: number): boolean {
  const width = values.length / rows;
  for (let i = q * width; i < (q + 1) * width; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** Whether every row outside the candidates is surely beyond the last result. */
function proven(vector: Float32Array, q: number, { rows, k, candidates }: RescoreRequest, arithmetic: Arithmetic): boolean {
  let nearest = Number.POSITIVE_INFINITY;
  candidates?.forEach(({ values }, p) => {
    const width = values.length / rows;
    if (width === opened.parts[p].rows.length) return;
    let worst = Number.NEGATIVE_INFINITY;
    for (let i = q * width; i < (q + 1) * width; i++) worst = Math.max(worst, values[i]);
    nearest = Math.min(nearest, worst);
  });
  if (nearest === Number.POSITIVE_INFINITY) return true;
  if (list.count < k) return false;
  const { distance, dim } = opened.gallery;
  const eps = float64Error(dim);
  const norm = Math.sqrt(squaredNorm(vector));
  const largest = distance === 'cosine' ? 1 : opened.largest;
  const kth = list.distance(k - 1);
  const { u } = arithmetic;
  const error = productError(dim, { x: norm, y: largest }, arithmetic);
  if (distance === 'l2') {
    const horizon = squaresHorizon(kth, false, { square: norm * norm, reach: norm + largest, shift: 0 }, eps);
    return nearest > horizon + 2 * error + 4 * u * largest * largest;
  }
  const horizon = productsHorizon(kth, distance === 'cosine' ? norm : undefined, { square: 0, reach: 2 * norm * largest, shift: 0 }, eps);
  // Unit rows are rounded to float32.
  return nearest > horizon + error + (distance === 'cosine' ? 2 * u * norm : 0);
}
