import { createHash } from 'node:crypto';
import { type Columns, concatColumns, type Key, takeRows } from './columns.js';
import type { EmbeddingBatch } from './embedding-batch.js';
import { UserError } from './errors.js';
import { KeyIndex } from './key-index.js';
import { UniqueIds } from './unique-ids.js';

/** What retrieval knows of a gallery beside its vectors. */
export interface GalleryItems {
  /** Rows. */
  readonly size: number;
  readonly dim: number;
  /** Columns but the embedding: every one, or those that were asked for. */
  readonly columns: Columns;
  /** The file or stream, for messages. */
  readonly source: string;
  /** SHA-256 of the vectors (first 32 hex digits), to match saved results with their gallery. */
  readonly fingerprint: string;
  readonly labels?: KeyIndex;
  readonly sequences?: KeyIndex;
}

export type Batches = AsyncIterable<EmbeddingBatch> | Iterable<EmbeddingBatch>;

export interface ItemsOptions {
  /**
   * Columns to keep, where they are there; by default all. Labels and sequences stay as codes in any case (4 bytes a row, 8 with the postings that
   * relevance needs); ids are compared by hash, and read again should two hashes be equal.
   */
  readonly columns?: readonly string[];
  /** Takes the vectors of each batch before they are let go. */
  readonly vectors?: (batch: EmbeddingBatch) => void;
}

/**
 * Reads a gallery through without keeping its vectors.
 * @param batches must be iterable again where `columns` leaves out the ids
 * @throws UserError for an empty gallery, a dimension that changes, duplicate ids
 */
export async function readGalleryItems(batches: Batches, options: ItemsOptions = {}): Promise<GalleryItems> {
  const hash = createHash('sha256');
  const parts: Columns[] = [];
  const ids = new UniqueIds();
  let labels: KeyIndex | undefined;
  let sequences: KeyIndex | undefined;
  let [source, size, dim] = ['gallery', 0, 0];
  for await (const batch of batches) {
    source = batch.source;
    if (batch.rows === 0) continue;
    if (size === 0) dim = batch.dim;
    if (batch.dim !== dim) throw new UserError(`${source}: dimension ${batch.dim}, but ${dim} before`);
    size += batch.rows;
    options.vectors?.(batch);
    hash.update(new Uint8Array(batch.data.buffer, batch.data.byteOffset, batch.data.byteLength));
    labels = addKeys(labels, batch.keys('label'), batch.rows);
    sequences = addKeys(sequences, batch.keys('sequence'), batch.rows);
    if (batch.columns.id) ids.add(batch.columns.id);
    parts.push(detached(batch, options.columns));
  }
  if (size === 0) throw new UserError(`${source}: the gallery is empty; nothing can be retrieved from it`);
  const columns = concatColumns(parts);
  await ids.confirm(columns.id ? [columns.id] : idsOf(batches), source);
  return { size, dim, columns, source, fingerprint: hash.digest('hex').slice(0, 32), labels, sequences };
}

function addKeys(index: KeyIndex | undefined, keys: ((row: number) => Key) | undefined, rows: number): KeyIndex | undefined {
  if (!keys) return undefined;
  const into = index ?? new KeyIndex();
  for (let i = 0; i < rows; i++) into.add(keys(i));
  return into;
}

/** Columns in buffers of their own: those of a batch often share one buffer with its embeddings, which would stay in memory with them. */
function detached(batch: EmbeddingBatch, wanted: readonly string[] | undefined): Columns {
  const all = Int32Array.from({ length: batch.rows }, (_, i) => i);
  const kept = Object.entries(batch.columns).filter(([name]) => wanted === undefined || wanted.includes(name));
  return Object.fromEntries(kept.map(([name, column]) => [name, takeRows(column, all)]));
}

async function* idsOf(batches: Batches) {
  for await (const { columns } of batches) if (columns.id) yield columns.id;
}
