import { UserError } from '../../data/errors.js';
import { IdTable, larger } from '../../data/id-table.js';
import type { QueryLists } from '../../data/query-lists.js';
import { RowMap } from '../../data/row-map.js';

/** Takes the lines of a file, whatever the order of their queries: 16 bytes each, and every id once. */
export class Entries {
  readonly queries = new IdTable();
  #query = new Int32Array(1 << 12);
  #document = new Int32Array(1 << 12);
  #value = new Float32Array(1 << 12);
  #line = new Uint32Array(1 << 12);
  /** Where the documents of the lines behind the settled ones stand in the bytes. */
  #from = new Int32Array(1 << 12);
  #to = new Int32Array(1 << 12);
  #settled = 0;
  #size = 0;
  #lastQuery = -1;

  /** @param source the path, for messages */
  constructor(
    readonly source: string,
    readonly documents = new IdTable(),
  ) {}

  get size(): number {
    return this.#size;
  }

  /** The row of a query id; lines of one query mostly stand together, so the last one is tried first. */
  query(bytes: Uint8Array, from: number, to: number): number {
    if (this.#lastQuery < 0 || !this.queries.is(this.#lastQuery, bytes, from, to)) this.#lastQuery = this.queries.intern(bytes, from, to);
    return this.#lastQuery;
  }

  /** Takes a line whose document is `bytes[from, to)`. The bytes must stay as they are until `settle`. */
  add(query: number, from: number, to: number, value: number, line: number): void {
    const at = this.#size++;
    if (at === this.#query.length) {
      this.#query = larger(this.#query, at + 1);
      this.#document = larger(this.#document, at + 1);
      this.#value = larger(this.#value, at + 1);
      this.#line = larger(this.#line, at + 1);
    }
    this.#query[at] = query;
    this.#value[at] = value;
    this.#line[at] = line;
    const open = at - this.#settled;
    if (open === this.#from.length) {
      this.#from = larger(this.#from, open + 1);
      this.#to = larger(this.#to, open + 1);
    }
    this.#from[open] = from;
    this.#to[open] = to;
  }

  /** Looks up the documents of the lines that were added since the last time, all of which are from `bytes`. */
  settle(bytes: Uint8Array): void {
    this.documents.internAll(bytes, this.#from, this.#to, this.#size - this.#settled, this.#document.subarray(this.#settled));
    this.#settled = this.#size;
  }

  /** The lines by query. @throws UserError naming both lines for a document that stands twice for one query */
  grouped(): QueryLists {
    const { source, queries, documents } = this;
    const offsets = new Int32Array(queries.size + 1);
    const query = this.#query.subarray(0, this.#size);
    for (let i = 0; i < query.length; i++) offsets[query[i] + 1]++;
    for (let q = 0; q < queries.size; q++) offsets[q + 1] += offsets[q];
    // Rows are numbered in order of appearance: where each query stands together, nothing has to be moved.
    let together = true;
    for (let i = 1; i < query.length && together; i++) together = query[i] >= query[i - 1];
    const order = together ? undefined : positions(query, offsets);
    const ids = pick(this.#document, order, this.#size);
    const values = pick(this.#value, order, this.#size);
    const lines = pick(this.#line, order, this.#size);
    this.#refuseTwice(offsets, ids, lines);
    return { source, queries, documents, offsets, ids, values };
  }

  #refuseTwice(offsets: Int32Array, ids: Int32Array, lines: Uint32Array): void {
    const seen = new RowMap();
    for (let q = 0; q < this.queries.size; q++) {
      seen.clear(offsets[q + 1] - offsets[q]);
      for (let i = offsets[q]; i < offsets[q + 1]; i++) {
        const before = seen.put(ids[i], i);
        if (before < 0) continue;
        const [document, query] = [this.documents.id(ids[i]), this.queries.id(q)];
        throw new UserError(
          `${this.source}, line ${lines[i]}: document "${document}" stands twice for query "${query}" (first in line ${lines[before]})`,
        );
      }
    }
  }
}

/** Counting sort: for each query its lines, in the order of the file. */
function positions(query: Int32Array, offsets: Int32Array): Int32Array {
  const next = offsets.slice();
  const order = new Int32Array(query.length);
  for (let i = 0; i < query.length; i++) order[next[query[i]]++] = i;
  return order;
}

function pick<T extends Int32Array | Uint32Array | Float32Array>(values: T, order: Int32Array | undefined, size: number): T {
  if (!order) return values.subarray(0, size) as T;
  const out = new (values.constructor as new (n: number) => T)(order.length);
  for (let i = 0; i < order.length; i++) out[i] = values[order[i]];
  return out;
}
