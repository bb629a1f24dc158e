import { createHash } from 'node:crypto';
import type { Columns } from './columns.js';
import { EmbeddingBatch } from './embedding-batch.js';
import { type Batches, type GalleryItems, readGalleryItems } from './gallery-items.js';
import type { KeyIndex } from './key-index.js';
import { shardMatrix, VectorStore } from './vector-store.js';

/** The set that is searched: vectors in shared memory, its labels and sequences as codes, its other columns. Built once, then only read. */
export class Gallery implements GalleryItems {
  readonly columns: Columns;
  readonly source: string;
  readonly fingerprint: string;
  readonly labels?: KeyIndex;
  readonly sequences?: KeyIndex;

  private constructor(
    items: GalleryItems,
    readonly vectors: VectorStore,
    /** These are rows of a larger gallery, which decides whether a distance beyond float32 matters: it is reported, not refused. */
    readonly isPart = false,
  ) {
    this.columns = items.columns;
    this.source = items.source;
    this.fingerprint = items.fingerprint;
    this.labels = items.labels;
    this.sequences = items.sequences;
  }

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
   * @param options `shardBytes`: the most that one shard of vectors may take (smaller in tests); `columns`: as in `readGalleryItems`
   * @throws UserError for an empty gallery, a dimension that changes, duplicate ids
   */
  static async load(batches: Batches, options: { shardBytes?: number; columns?: readonly string[] } = {}): Promise<Gallery> {
    let vectors: VectorStore | undefined;
    const items = await readGalleryItems(batches, {
      columns: options.columns,
      vectors: (batch) => {
        vectors ??= new VectorStore(batch.dim, options.shardBytes);
        vectors.append(batch, batch.source);
      },
    });
    return new Gallery(items, vectors as VectorStore);
  }

  /** The same items with other vectors, of any dimension, which have a fingerprint of their own. */
  withVectors(vectors: VectorStore): Gallery {
    const { rows: size, dim } = vectors;
    if (size !== this.size) throw new Error(`${size} vectors for ${this.size} items`);
    const hash = createHash('sha256');
    for (const shard of vectors.shards) hash.update(new Uint8Array(shard.memory.buffer, 0, shard.rows * dim * 4));
    const { columns, source, labels, sequences } = this;
    return new Gallery({ size, dim, columns, source, labels, sequences, fingerprint: hash.digest('hex').slice(0, 32) }, vectors);
  }

  /** Consecutive rows of a gallery whose vectors are not in memory, to be searched on their own: their vectors and sequences, without other columns. */
  static part({ source, fingerprint, sequences }: GalleryItems, vectors: VectorStore, firstRow: number): Gallery {
    const { rows: size, dim } = vectors;
    const own = sequences?.slice(firstRow, firstRow + size);
    return new Gallery({ size, dim, columns: {}, source, fingerprint, sequences: own }, vectors, true);
  }
}
