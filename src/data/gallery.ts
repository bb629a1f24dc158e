import { createHash } from 'node:crypto';
import type { Vector } from 'apache-arrow';
import { type Columns, concatColumns, type Key, takeRows } from './columns.js';
import { EmbeddingBatch } from './embedding-batch.js';
import { UserError } from './errors.js';
import { KeyIndex } from './key-index.js';
import { shardMatrix, VectorStore } from './vector-store.js';

/** The set that is searched: vectors in shared memory, its labels and sequences as codes, its other columns. Built once, then only read. */
export class Gallery {
  private constructor(
    readonly vectors: VectorStore,
    /** Every column but the embedding. */
    readonly columns: Columns,
    /** The file or stream, for messages. */
    readonly source: string,
    /** SHA-256 of the vectors (first 32 hex digits), to match saved results with their gallery. */
    readonly fingerprint: string,
    readonly labels?: KeyIndex,
    readonly sequences?: KeyIndex,
  ) {}

  get size(): number {
    return this.vectors.rows;
  }

  get dim(): number {
    return this.vectors.dim;
  }

  /** The items as batches of at most `rows`, views. */
  *batches(rows = 1024): Generator<EmbeddingBatch, void, undefined> {
    const { dim, shards } = this.vectors;
    for (const shard of shards) {
      const { data } = shardMatrix(shard, dim);
      for (let first = 0; first < shard.rows; first += rows) {
        const end = Math.min(shard.rows, first + rows);
        const firstRow = shard.firstRow + first;
        const columns = Object.fromEntries(
          Object.entries(this.columns).map(([name, column]) => [name, column.slice(firstRow, firstRow + end - first)]),
        );
        const matrix = { data: data.subarray(first * dim, end * dim), rows: end - first, dim };
        yield EmbeddingBatch.fromMatrix(matrix, columns, { source: this.source, firstRow });
      }
    }
  }

  /**
   * Takes in every batch.
   * @param shardBytes the most that one shard of vectors may take (smaller in tests)
   * @throws UserError for an empty gallery, a dimension that changes, duplicate ids
   */
  static async load(
    batches: AsyncIterable<EmbeddingBatch> | Iterable<EmbeddingBatch>,
    options: { shardBytes?: number } = {},
  ): Promise<Gallery> {
    const hash = createHash('sha256');
    const parts: Columns[] = [];
    let vectors: VectorStore | undefined;
    let labels: KeyIndex | undefined;
    let sequences: KeyIndex | undefined;
    let source = 'gallery';
    for await (const batch of batches) {
      source = batch.source;
      if (batch.rows === 0) continue;
      vectors ??= new VectorStore(batch.dim, options.shardBytes);
      vectors.append(batch, batch.source);
      hash.update(new Uint8Array(batch.data.buffer, batch.data.byteOffset, batch.data.byteLength));
      labels = addKeys(labels, batch.keys('label'), batch.rows);
      sequences = addKeys(sequences, batch.keys('sequence'), batch.rows);
      parts.push(detached(batch));
    }
    if (!vectors) throw new UserError(`${source}: the gallery is empty; nothing can be retrieved from it`);
    const columns = concatColumns(parts);
    refuseDuplicates(columns.id, source);
    return new Gallery(vectors, columns, source, hash.digest('hex').slice(0, 32), labels, sequences);
  }
}

function addKeys(index: KeyIndex | undefined, keys: ((row: number) => Key) | undefined, rows: number): KeyIndex | undefined {
  if (!keys) return undefined;
  const into = index ?? new KeyIndex();
  for (let i = 0; i < rows; i++) into.add(keys(i));
  return into;
}

/** The columns in buffers of their own: those of a batch often share one buffer with its embeddings, which would stay in memory with them. */
function detached(batch: EmbeddingBatch): Columns {
  const all = Int32Array.from({ length: batch.rows }, (_, i) => i);
  return Object.fromEntries(Object.entries(batch.columns).map(([name, column]) => [name, takeRows(column, all)]));
}

/** Finds equal ids by sorted 64-bit hashes, confirmed on the ids themselves: 8 bytes a row instead of a Set of strings. */
function refuseDuplicates(ids: Vector | undefined, source: string): void {
  if (!ids) return;
  const hashes = new BigUint64Array(ids.length);
  for (let i = 0; i < ids.length; i++) hashes[i] = hash64(String(ids.get(i)));
  const sorted = hashes.slice().sort();
  const suspects = new Set<bigint>();
  for (let i = 1; i < sorted.length; i++) if (sorted[i] === sorted[i - 1]) suspects.add(sorted[i]);
  if (suspects.size === 0) return;
  const seen = new Map<string, number>();
  for (let i = 0; i < ids.length; i++) {
    if (!suspects.has(hashes[i]) || ids.get(i) === null) continue;
    const id = String(ids.get(i));
    const before = seen.get(id);
    if (before !== undefined) throw new UserError(`${source}: id "${id}" stands in gallery rows ${before} and ${i}; ids must be unique`);
    seen.set(id, i);
  }
}

const view = new DataView(new ArrayBuffer(8));

/** Two independent 32-bit FNV-1a style hashes side by side. */
function hash64(text: string): bigint {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 0x01000193);
    b = Math.imul(b ^ c, 0x5bd1e995);
    b ^= b >>> 15;
  }
  view.setUint32(0, a >>> 0);
  view.setUint32(4, b >>> 0);
  return view.getBigUint64(0);
}
