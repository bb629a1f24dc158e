import { float64Error, productsHorizon, squaresHorizon } from './bound.js';
import type { Block } from './engine.js';
import type { Frame, PackedShard } from './int8-pack.js';
import { type PackedQuery, queryPacker } from './int8-query.js';
import { Candidates } from './order.js';
import { type RescoredGallery, Rescorer } from './rescorer.js';
import { GROUP, openScan, type Scan } from './scan.js';

export interface LaneGallery extends RescoredGallery {
  readonly frame: Frame;
  readonly packed: readonly PackedShard[];
  /** The largest norm of a row in the fast pass. */
  readonly largest: number;
}

/** A block in shared memory. */
export interface LaneRequest extends Block {
  /** Where the answer goes: int32 and float32 [rows x k]. */
  readonly ids: Int32Array;
  readonly distances: Float32Array;
}

export interface LaneAnswer {
  /** Results of each query. */
  readonly counts: Int32Array;
  /** Queries for which only brute force was sure. */
  readonly retried: number;
  /** Rows that were re-scored. */
  readonly scored: number;
}

/** Integer products of `rows` packed queries and a packed shard: int32 [rows x columns]. */
export type Multiply = (shard: number, bytes: Uint8Array, rows: number, products: Int32Array) => Promise<void>;

/** Pieces of the scan's memory that belong to a packed shard. */
interface Resident {
  readonly columns: number;
  readonly bias: number;
  readonly scale: number;
  readonly residuals: number;
  readonly norms: number;
  readonly errors: number;
}

/**
 * Exact search of one block of queries by int8 products: the first k by score are re-scored canonically; with the k-th distance known, so is every
 * other row whose score could, by its error bound, belong before it. Nothing else can, so that the answer is proven. One thread owns a lane.
 */
export class Int8Lane {
  readonly #gallery: LaneGallery;
  readonly #multiply: Multiply;
  readonly #scan: Scan;
  readonly #resident: readonly Resident[];
  readonly #pack: ReturnType<typeof queryPacker>;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #products: Int32Array;
  readonly #minima: Float32Array;
  readonly #scratch: Float32Array;
  readonly #found: Int32Array;
  readonly #factors: Float32Array;
  readonly #none: Float32Array;
  readonly #lists: Candidates[];
  readonly #rescorer: Rescorer;
  readonly #eps: number;

  constructor(gallery: LaneGallery, blockRows: number, multiply: Multiply) {
    this.#gallery = gallery;
    this.#multiply = multiply;
    const all = gallery.packed.reduce((sum, { bias }) => sum + bias.length, 0);
    const columns = Math.max(...gallery.packed.map(({ bias }) => bias.length));
    // In numbers of 4 bytes; each piece is rounded up to 16 of them.
    const numbers =
      blockRows * columns * (1 + 1 / 16) + 3 * columns + all * (2 + 3 / GROUP) + blockRows + 16 * (6 + 5 * gallery.packed.length);
    this.#scan = openScan(4 * numbers);
    this.#products = this.#scan.ints(blockRows * columns);
    this.#minima = this.#scan.floats((blockRows * columns) / 16);
    this.#scratch = this.#scan.floats(columns);
    this.#found = this.#scan.ints(columns);
    this.#none = this.#scan.floats(columns / GROUP);
    this.#factors = this.#scan.floats(blockRows);
    this.#resident = gallery.packed.map((shard) => ({
      columns: shard.bias.length,
      bias: this.#keep(shard.bias),
      scale: this.#keep(shard.scale),
      residuals: this.#keep(shard.residuals),
      norms: this.#keep(shard.norms),
      errors: this.#keep(shard.errors),
    }));
    this.#bytes = new Uint8Array(blockRows * gallery.dim);
    this.#lists = Array.from({ length: blockRows }, () => new Candidates());
    this.#pack = queryPacker(gallery.frame, gallery.largest, gallery.dim);
    this.#eps = float64Error(gallery.dim);
    this.#rescorer = new Rescorer(gallery);
  }

  /** @throws UserError when a distance is beyond float32 */
  async search(request: LaneRequest): Promise<LaneAnswer> {
    const { rows, k, ids, distances } = request;
    const { dim, packed } = this.#gallery;
    const before = this.#rescorer.scored;
    const vector = (q: number) => request.queries.subarray(q * dim, (q + 1) * dim);
    const queries = Array.from({ length: rows }, (_, q) => {
      const query = this.#pack(vector(q), this.#bytes.subarray(q * dim, (q + 1) * dim));
      this.#factors[q] = query.factor;
      this.#lists[q].count = 0;
      return query;
    });
    const certain = queries.some((query) => !query.brute);
    for (const [s, resident] of this.#resident.entries()) {
      if (certain) await this.#multiply(s, this.#bytes, rows, this.#products);
      const width = certain ? this.#minimaOf(resident, request) : 0;
      for (let q = 0; q < rows; q++) {
        const [self, sequence] = [request.self?.[q] ?? -1, request.sequence?.[q] ?? -1];
        this.#rescorer.query = { vector: vector(q), k, self, sequence, ignored: request.ignored[q] };
        if (queries[q].brute) this.#rescorer.add(this.#lists[q], packed[s].shard, packed[s].rows);
        else this.#searchShard(s, q, queries[q], width, k, k + request.ignored[q]);
      }
    }
    const counts = Int32Array.from({ length: rows }, (_, q) => this.#lists[q].count);
    for (let q = 0; q < rows; q++) this.#rescorer.write(this.#lists[q], ids, distances, q * k, request.firstQuery + q);
    return { counts, retried: queries.filter((query) => query.brute).length, scored: this.#rescorer.scored - before };
  }

  #keep(values: Float32Array): number {
    const kept = this.#scan.floats(values.length);
    kept.set(values);
    return kept.byteOffset;
  }

  /** Minima of groups, wide ones where that leaves enough of them to find the first k. @returns their width */
  #minimaOf({ columns, bias, scale }: Resident, { rows, k, ignored }: LaneRequest): number {
    let most = 0;
    for (let q = 0; q < rows; q++) if (this.#lists[q].count < k) most = Math.max(most, k + ignored[q]);
    const width = columns / 64 >= 4 * most ? 64 : columns / 32 >= 4 * most ? 32 : 16;
    const { exports } = this.#scan;
    exports.minima(this.#products.byteOffset, rows, columns, width, bias, scale, this.#factors.byteOffset, this.#minima.byteOffset);
    return width;
  }

  #searchShard(s: number, q: number, query: PackedQuery, width: number, k: number, wanted: number): void {
    const list = this.#lists[q];
    const zero = this.#none.byteOffset;
    let over = Number.NEGATIVE_INFINITY;
    if (list.count < k) {
      const at = this.#threshold(s, q, query, width, wanted);
      this.#scoreFound(s, q, this.#collect(s, q, query, width, { residuals: zero, norms: zero, errors: zero, over, at, r: 0, h: 0 }));
      // Every column was taken; else at least k were that are not ignored.
      if (at === Number.POSITIVE_INFINITY) return;
      over = at;
    }
    const { residuals, norms, errors } = this.#resident[s];
    const { distance } = this.#gallery;
    const kth = list.distance(k - 1);
    const score =
      distance === 'ip' ? productsHorizon(kth, undefined, query, this.#eps) : squaresHorizon(kth, distance === 'cosine', query, this.#eps);
    // Rounded up: float32 additions follow.
    const at = score + Math.abs(score) * 2 ** -20;
    const { r, h } = query;
    this.#scoreFound(s, q, this.#collect(s, q, query, width, { residuals, norms, errors, over, at, r, h }));
  }

  /** A score that at least `wanted` columns do not exceed; infinity when there are not more columns. */
  #threshold(s: number, q: number, { factor }: PackedQuery, width: number, wanted: number): number {
    const { columns, bias, scale } = this.#resident[s];
    if (wanted >= this.#gallery.packed[s].rows.length) return Number.POSITIVE_INFINITY;
    const groups = columns / width;
    const { exports } = this.#scan;
    const scratch = this.#scratch.byteOffset;
    if (wanted * 2 > groups) {
      exports.scores(this.#productsOf(s, q), columns, bias, scale, factor, scratch);
      return exports.select(scratch, columns, wanted - 1);
    }
    this.#scratch.set(this.#minima.subarray(q * groups, (q + 1) * groups));
    return exports.select(scratch, groups, wanted - 1);
  }

  #collect(
    s: number,
    q: number,
    { factor }: PackedQuery,
    width: number,
    limit: { residuals: number; norms: number; errors: number; over: number; at: number; r: number; h: number },
  ): number {
    const { columns, bias, scale } = this.#resident[s];
    const minima = this.#minima.byteOffset + ((q * columns) / width) * 4;
    return this.#scan.exports.collect(
      this.#productsOf(s, q),
      columns,
      width,
      bias,
      scale,
      factor,
      minima,
      limit.residuals,
      limit.norms,
      limit.errors,
      limit.over,
      limit.at,
      limit.r,
      limit.h,
      this.#found.byteOffset,
      this.#found.length,
    );
  }

  #productsOf(s: number, q: number): number {
    return this.#products.byteOffset + q * this.#resident[s].columns * 4;
  }

  /** Scores the columns in `found` canonically, and keeps the first k. */
  #scoreFound(s: number, q: number, count: number): void {
    const { rows, shard } = this.#gallery.packed[s];
    // A threshold of infinity takes the padding too, which stands at the end.
    let real = count;
    while (real > 0 && this.#found[real - 1] >= rows.length) real--;
    this.#rescorer.add(this.#lists[q], shard, rows, this.#found.subarray(0, real));
  }
}
