import type { Distance } from '../data/matrix.js';
import type { Shard } from '../data/vector-store.js';
import { KERNEL_ROWS } from './kernel.js';
import type { Candidates } from './order.js';
import { openScorer, overflow, type ShardScorer } from './scoring.js';

/** What re-scoring knows of the gallery; all numbers by the thousand are in shared memory. */
export interface RescoredGallery {
  readonly shards: readonly Shard[];
  readonly dim: number;
  readonly distance: Distance;
  /** Sequence code of every gallery row. */
  readonly sequences?: Int32Array;
  /** Lists of gallery rows with equal vectors, ascending; only the first of each list is ever a candidate. */
  readonly twins: readonly Int32Array[];
  /** It is part of a larger gallery: distances beyond float32 are reported as infinity, because the whole decides whether they count. */
  readonly isPart?: boolean;
}

/** One query of a block, and the gallery rows that are no results of it. */
export interface Query {
  readonly vector: Float32Array;
  /** Items wanted. */
  readonly k: number;
  /** Gallery row of the same item, or -1. */
  readonly self: number;
  /** Code of its sequence, or -1. */
  readonly sequence: number;
  /** How many rows it ignores, at most. */
  readonly ignored: number;
}

/** Canonical distances of candidates, in one thread. */
export class Rescorer {
  readonly #gallery: RescoredGallery;
  readonly #scorers: readonly ShardScorer[];
  readonly #twins: ReadonlyMap<number, Int32Array>;
  readonly #rows = new Int32Array(KERNEL_ROWS);
  #query!: Query;
  /** Rows scored since it was made. */
  scored = 0;

  constructor(gallery: RescoredGallery) {
    this.#gallery = gallery;
    this.#scorers = gallery.shards.map((shard) => openScorer(shard, gallery.dim, gallery.distance));
    this.#twins = new Map(gallery.twins.map((rows) => [rows[0], rows]));
  }

  /** Norms of the rows of a shard. */
  norms(shard: number): Float64Array {
    return this.#scorers[shard].norms;
  }

  /** Sets the query that `add` compares with. */
  set query(query: Query) {
    this.#query = query;
    for (const scorer of this.#scorers) scorer.query(query.vector);
  }

  /**
   * Adds rows of a shard and their twins to the candidates of the query, without those that it ignores, and keeps the first k.
   * @param found positions in `rows`; without it all rows
   */
  add(list: Candidates, shard: number, rows: Int32Array, found?: Int32Array): void {
    const total = found ? found.length : rows.length;
    for (let from = 0; from < total; from += KERNEL_ROWS) {
      const count = Math.min(KERNEL_ROWS, total - from);
      for (let i = 0; i < count; i++) this.#rows[i] = found ? rows[found[from + i]] : rows[from + i];
      this.#addBlock(list, shard, count);
    }
    list.sort(this.#query.k);
  }

  #addBlock(list: Candidates, shard: number, count: number): void {
    const { self, sequence, k, ignored } = this.#query;
    const { sequences, shards } = this.#gallery;
    const { firstRow } = shards[shard];
    const distances = this.#scorers[shard].distances(this.#rows, 0, count);
    this.scored += count;
    list.reserve(count);
    for (let i = 0; i < count; i++) {
      const row = firstRow + this.#rows[i];
      const twins = this.#twins.size > 0 ? this.#twins.get(row) : undefined;
      if (!twins) {
        if (row !== self && !(sequence >= 0 && sequences?.[row] === sequence)) list.add(distances[i], row);
        continue;
      }
      // Of equal vectors no more than these can be among the first k.
      const taken = Math.min(twins.length, k + ignored);
      list.reserve(taken + count - i);
      for (let t = 0; t < taken; t++) {
        const twin = twins[t];
        if (twin !== self && !(sequence >= 0 && sequences?.[twin] === sequence)) list.add(distances[i], twin);
      }
    }
  }

  /** Writes the results of a query. @throws UserError when a distance is beyond float32, unless the gallery is a part */
  write(list: Candidates, ids: Int32Array, distances: Float32Array, at: number, query: number): void {
    list.write(ids, distances, at);
    if (this.#gallery.isPart) return;
    for (let i = at; i < at + list.count; i++) {
      if (!Number.isFinite(distances[i])) throw overflow(this.#gallery.distance, query, ids[i]);
    }
  }
}
