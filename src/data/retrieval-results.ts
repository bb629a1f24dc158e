import type { Vector } from 'apache-arrow';
import { type Columns, columnsEqual, concatColumns, takeRows } from './columns.js';
import type { EmbeddingBatch } from './embedding-batch.js';
import { UserError } from './errors.js';
import { judgedByLists } from './judged-by-lists.js';
import { concatLists, type Lists, packLists, sliceLists } from './lists.js';
import type { Relevance } from './relevance.js';
import { checkRetrieval } from './retrieval-check.js';
import type { RetrievalInfo, RetrievalParts } from './retrieval-parts.js';

export type { RetrievalInfo, RetrievalParts };

/** Plain arrays, for tests and small uses: what `RetrievalResults.fromLists` takes. */
export interface RetrievalLists {
  readonly retrieved: readonly ArrayLike<number>[];
  readonly distances: readonly ArrayLike<number>[];
  /** The relevant gallery rows of each query. */
  readonly relevant?: readonly ArrayLike<number>[];
  readonly columns?: Columns;
  readonly info?: RetrievalInfo;
  /** Row of the first query in the query set. */
  readonly firstRow?: number;
}

/** An immutable batch of queries with the gallery items retrieved for each, nearest first. Untouched buffers are shared between copies. */
export class RetrievalResults implements RetrievalParts {
  readonly info: RetrievalInfo;
  readonly rows: Uint32Array;
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
  readonly distances: Float32Array;
  readonly numRelevant?: Uint32Array;
  readonly gains?: Float32Array;
  readonly relevant?: Lists<Int32Array>;
  readonly relevantGains?: Float32Array;
  readonly queryIds?: Vector;
  readonly columns: Columns;
  readonly queries?: EmbeddingBatch;

  private constructor(parts: RetrievalParts) {
    this.info = parts.info;
    this.rows = parts.rows;
    this.offsets = parts.offsets;
    this.ids = parts.ids;
    this.distances = parts.distances;
    this.numRelevant = parts.numRelevant;
    this.gains = parts.gains;
    this.relevant = parts.relevant;
    this.relevantGains = parts.relevantGains;
    this.queryIds = parts.queryIds;
    this.columns = parts.columns;
    this.queries = parts.queries;
  }

  /** Takes parts that are known to be right (a search's own output). Nothing is checked. */
  static trusted(parts: RetrievalParts): RetrievalResults {
    return new RetrievalResults(parts);
  }

  /**
   * Takes parts from outside and checks them.
   * @param where the file, for messages
   * @throws UserError naming the query: lengths that disagree, distances that fall or are NaN, ids that repeat or are outside the gallery
   */
  static checked(parts: RetrievalParts, where = 'retrieval results'): RetrievalResults {
    checkRetrieval(parts, where);
    return new RetrievalResults(parts);
  }

  /** From plain arrays. @throws UserError as `checked` */
  static fromLists(lists: RetrievalLists): RetrievalResults {
    const { offsets, values: ids } = packLists(lists.retrieved, Int32Array);
    const packed = packLists(lists.distances, Float32Array);
    if (packed.offsets.some((offset, i) => offset !== offsets[i]) || packed.offsets.length !== offsets.length) {
      throw new UserError('retrieval results: every query needs one distance for each retrieved id');
    }
    const firstRow = lists.firstRow ?? 0;
    const rows = Uint32Array.from({ length: lists.retrieved.length }, (_, i) => firstRow + i);
    const relevant = lists.relevant && packLists(lists.relevant, Int32Array);
    const base = { info: lists.info ?? {}, rows, offsets, ids, distances: packed.values, columns: lists.columns ?? {} };
    return RetrievalResults.checked(relevant ? { ...base, ...judgedByLists(base, relevant) } : base);
  }

  /** Number of queries. */
  get length(): number {
    return this.rows.length;
  }

  /** Retrieved gallery rows of query i, nearest first. A view. */
  retrievedIds(i: number): Int32Array {
    return this.ids.subarray(this.offsets[i], this.offsets[i + 1]);
  }

  /** Distances of query i, aligned with its ids. A view. */
  distancesOf(i: number): Float32Array {
    return this.distances.subarray(this.offsets[i], this.offsets[i + 1]);
  }

  /** The most items that a query has retrieved. */
  get maxRetrieved(): number {
    let most = 0;
    for (let i = 0; i < this.length; i++) most = Math.max(most, this.offsets[i + 1] - this.offsets[i]);
    return most;
  }

  /** Queries [start, end). */
  slice(start: number, end: number): RetrievalResults {
    const { offsets, values: ids } = sliceLists({ offsets: this.offsets, values: this.ids }, start, end);
    const [from, to] = [this.offsets[start], this.offsets[end]];
    const judged = this.relevant && [this.relevant.offsets[start], this.relevant.offsets[end]];
    return new RetrievalResults({
      info: this.info,
      rows: this.rows.subarray(start, end),
      offsets,
      ids,
      distances: this.distances.subarray(from, to),
      numRelevant: this.numRelevant?.subarray(start, end),
      gains: this.gains?.subarray(from, to),
      relevant: this.relevant && sliceLists(this.relevant, start, end),
      relevantGains: judged && this.relevantGains?.subarray(judged[0], judged[1]),
      queryIds: this.queryIds?.slice(start, end),
      columns: Object.fromEntries(Object.entries(this.columns).map(([name, column]) => [name, column.slice(start, end)])),
      queries: this.queries?.slice(start, end),
    });
  }

  /**
   * The same queries with other retrieved lists: what a post-processor returns.
   * @param from for each new entry the position in `this.ids` it comes from, so that gains stay aligned
   * @param distances new distances; by default those of the entries kept
   */
  rearranged(offsets: Int32Array, from: Int32Array, distances?: Float32Array): RetrievalResults {
    const pick = <T extends Float32Array | Int32Array>(values: T): T => {
      const out = new (values.constructor as new (n: number) => T)(from.length);
      for (let i = 0; i < from.length; i++) out[i] = values[from[i]];
      return out;
    };
    return new RetrievalResults({
      ...this,
      offsets,
      ids: pick(this.ids),
      distances: distances ?? pick(this.distances),
      gains: this.gains && pick(this.gains),
    });
  }

  /**
   * The same results with relevance attached. Explicit judgements are kept, all of them with their gains.
   * @param keepLists keep the relevant rows of other relevance too (`--save-relevance`)
   */
  judged(relevance: Relevance, keepLists = false): RetrievalResults {
    const gains = new Float32Array(this.ids.length);
    const numRelevant = new Uint32Array(this.length);
    for (let q = 0; q < this.length; q++) {
      numRelevant[q] = relevance.count(q);
      for (let i = this.offsets[q]; i < this.offsets[q + 1]; i++) gains[i] = relevance.gain(q, this.ids[i]) ?? Number.NaN;
    }
    const lists = (level?: number) =>
      packLists(
        Array.from({ length: this.length }, (_, q) => relevance.list(q, level)),
        Int32Array,
      );
    if (!relevance.explicit) return new RetrievalResults({ ...this, gains, numRelevant, relevant: keepLists ? lists() : undefined });
    const relevant = lists(Number.NEGATIVE_INFINITY);
    const relevantGains = new Float32Array(relevant.values.length);
    for (let q = 0; q < this.length; q++) {
      for (let i = relevant.offsets[q]; i < relevant.offsets[q + 1]; i++) relevantGains[i] = relevance.gain(q, relevant.values[i])!;
    }
    return new RetrievalResults({ ...this, gains, numRelevant, relevant, relevantGains });
  }

  /** Batches one below the other. @throws UserError when they come from different galleries or know different things */
  static concat(parts: readonly RetrievalResults[]): RetrievalResults {
    const [first] = parts;
    if (!first) throw new UserError('nothing to join: no retrieval results');
    for (const part of parts) {
      const differing = (Object.keys(first.info) as (keyof RetrievalInfo)[]).find((key) => first.info[key] !== part.info[key]);
      if (differing)
        throw new UserError(
          `results of different retrievals do not join: ${differing} ${first.info[differing]} and ${part.info[differing]}`,
        );
      for (const key of ['numRelevant', 'gains', 'relevant', 'relevantGains', 'queryIds'] as const) {
        if ((part[key] === undefined) !== (first[key] === undefined)) throw new UserError(`results with and without "${key}" do not join`);
      }
    }
    const total = parts.reduce((sum, part) => sum + part.ids.length, 0);
    if (total > 0x7fffffff)
      throw new UserError(`${total} retrieved items do not fit one batch (at most 2,147,483,647); use smaller batches`);
    const joined = <T extends Float32Array | Int32Array | Uint32Array>(arrays: T[], make: new (n: number) => T): T => {
      const out = new make(arrays.reduce((sum, array) => sum + array.length, 0));
      let at = 0;
      for (const array of arrays) {
        out.set(array, at);
        at += array.length;
      }
      return out;
    };
    const all = <T>(get: (part: RetrievalResults) => T | undefined): T[] | undefined =>
      get(first) === undefined ? undefined : parts.map((p) => get(p) as T);
    const numRelevant = all((p) => p.numRelevant);
    const gains = all((p) => p.gains);
    const relevant = all((p) => p.relevant);
    const relevantGains = all((p) => p.relevantGains);
    const queryIds = all((p) => p.queryIds);
    const { offsets, values: ids } = concatLists(
      parts.map((p) => ({ offsets: p.offsets, values: p.ids })),
      Int32Array,
    );
    return new RetrievalResults({
      info: first.info,
      rows: joined(
        parts.map((p) => p.rows),
        Uint32Array,
      ),
      offsets,
      ids,
      distances: joined(
        parts.map((p) => p.distances),
        Float32Array,
      ),
      numRelevant: numRelevant && joined(numRelevant, Uint32Array),
      gains: gains && joined(gains, Float32Array),
      relevant: relevant && concatLists(relevant, Int32Array),
      relevantGains: relevantGains && joined(relevantGains, Float32Array),
      queryIds: queryIds?.[0].concat(...queryIds.slice(1)),
      columns: concatColumns(parts.map((p) => p.columns)),
    });
  }

  /** Equality to the bit of everything that is saved. */
  equals(other: RetrievalResults): boolean {
    const same = (a?: ArrayLike<number>, b?: ArrayLike<number>) =>
      a === b ||
      (a !== undefined && b !== undefined && a.length === b.length && Array.prototype.every.call(a, (x, i) => Object.is(x, b[i])));
    const names = Object.keys(this.columns);
    return (
      same(this.rows, other.rows) &&
      same(this.offsets, other.offsets) &&
      same(this.ids, other.ids) &&
      same(this.distances, other.distances) &&
      same(this.numRelevant, other.numRelevant) &&
      same(this.gains, other.gains) &&
      same(this.relevant?.offsets, other.relevant?.offsets) &&
      same(this.relevant?.values, other.relevant?.values) &&
      same(this.relevantGains, other.relevantGains) &&
      (this.queryIds && other.queryIds ? columnsEqual(this.queryIds, other.queryIds) : this.queryIds === other.queryIds) &&
      names.join() === Object.keys(other.columns).join() &&
      names.every((name) => columnsEqual(this.columns[name], other.columns[name])) &&
      (['gallerySize', 'distance', 'fingerprint', 'k', 'device'] as const).every((key) => this.info[key] === other.info[key])
    );
  }

  /** Copies of the queries at `positions`, in buffers of their own, so that they outlive their batch. */
  pick(positions: ArrayLike<number>): RetrievalResults {
    const at = Array.from(positions);
    const lists = packLists(
      at.map((q) => Int32Array.from({ length: this.offsets[q + 1] - this.offsets[q] }, (_, i) => this.offsets[q] + i)),
      Int32Array,
    );
    const { relevant } = this;
    return new RetrievalResults({
      ...this.rearranged(lists.offsets, lists.values),
      rows: Uint32Array.from(at, (q) => this.rows[q]),
      numRelevant: this.numRelevant && Uint32Array.from(at, (q) => this.numRelevant![q]),
      relevant:
        relevant &&
        packLists(
          at.map((q) => relevant.values.slice(relevant.offsets[q], relevant.offsets[q + 1])),
          Int32Array,
        ),
      relevantGains:
        relevant &&
        this.relevantGains &&
        Float32Array.from(at.flatMap((q) => [...this.relevantGains!.subarray(relevant.offsets[q], relevant.offsets[q + 1])])),
      queryIds: this.queryIds && takeRows(this.queryIds, at),
      columns: Object.fromEntries(Object.entries(this.columns).map(([name, column]) => [name, takeRows(column, at)])),
      queries: undefined,
    });
  }

  /** Readable text: a heading and at most 100 queries, the first 5 items of each; `*` marks a relevant item, `?` an unjudged one. */
  toString(): string {
    const { gallerySize, distance } = this.info;
    const of = gallerySize === undefined ? '' : ` of ${gallerySize} gallery items`;
    const lines = [
      `RetrievalResults: ${this.length} queries, up to ${this.maxRetrieved}${of} each${distance ? `, distance ${distance}` : ''}`,
    ];
    const shown = Math.min(this.length, 100);
    for (let q = 0; q < shown; q++) {
      const items: string[] = [];
      for (let i = this.offsets[q]; i < Math.min(this.offsets[q + 1], this.offsets[q] + 5); i++) {
        const gain = this.gains?.[i];
        const mark = gain === undefined || gain === 0 ? '' : Number.isNaN(gain) ? '?' : '*';
        items.push(`#${this.ids[i]}${mark} ${this.distances[i].toFixed(3)}`);
      }
      const more = this.offsets[q + 1] - this.offsets[q] - items.length;
      const relevant = this.numRelevant ? ` (${this.numRelevant[q]} relevant)` : '';
      lines.push(`  query ${this.rows[q]}${relevant}: ${items.join(', ') || 'nothing retrieved'}${more > 0 ? `, and ${more} more` : ''}`);
    }
    if (shown < this.length) lines.push(`  ... and ${this.length - shown} more queries`);
    return lines.join('\n');
  }
}
