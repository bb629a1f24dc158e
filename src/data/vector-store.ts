import { UserError } from './errors.js';
import type { Matrix } from './matrix.js';

const PAGE = 65536;
/** Below the 2 GB limit of an ONNX initializer and the 4 GiB of a 32-bit WebAssembly memory, with room for scratch space. */
const SHARD_BYTES = 28_000 * PAGE;

/** A run of consecutive rows in one shared memory; the vectors start at byte 0. */
export interface Shard {
  readonly memory: WebAssembly.Memory;
  readonly firstRow: number;
  readonly rows: number;
}

/**
 * A growing matrix in shared memory: threads read it without copying, and so does the WebAssembly kernel that re-scores candidates.
 * Rows beyond 1.8 GB continue in further shards.
 */
export class VectorStore {
  readonly dim: number;
  readonly #shardRows: number;
  readonly #shards: { memory: WebAssembly.Memory; firstRow: number; rows: number }[] = [];
  #rows = 0;

  /** @param shardBytes the most that one shard may take (smaller in tests) */
  constructor(dim: number, shardBytes: number = SHARD_BYTES) {
    this.dim = dim;
    this.#shardRows = Math.max(1, Math.floor(Math.min(shardBytes, SHARD_BYTES) / (dim * 4)));
  }

  get rows(): number {
    return this.#rows;
  }

  get shards(): readonly Shard[] {
    return this.#shards;
  }

  /** Copies rows to the end. @throws UserError for another dimension */
  append(matrix: Matrix, source = 'gallery'): void {
    if (matrix.dim !== this.dim) throw new UserError(`${source}: dimension ${matrix.dim}, but ${this.dim} before`);
    let from = 0;
    while (from < matrix.rows) {
      let last = this.#shards.at(-1);
      if (!last || last.rows === this.#shardRows) {
        last = { memory: new WebAssembly.Memory({ initial: 0, maximum: 65536, shared: true }), firstRow: this.#rows, rows: 0 };
        this.#shards.push(last);
      }
      const rows = Math.min(matrix.rows - from, this.#shardRows - last.rows);
      const start = last.rows * this.dim;
      const missing = Math.ceil(((start + rows * this.dim) * 4 - last.memory.buffer.byteLength) / PAGE);
      if (missing > 0) last.memory.grow(missing);
      new Float32Array(last.memory.buffer, start * 4, rows * this.dim).set(matrix.data.subarray(from * this.dim, (from + rows) * this.dim));
      last.rows += rows;
      this.#rows += rows;
      from += rows;
    }
  }

  /** Lets go of the memory; the rows are gone. What still holds this store (a frame of a suspended function, say) then holds nothing large. */
  release(): void {
    this.#shards.length = 0;
    this.#rows = 0;
  }

  /** The vector of a row, a view. */
  row(row: number): Float32Array {
    const shard = this.#shards[Math.floor(row / this.#shardRows)];
    return new Float32Array(shard.memory.buffer, (row - shard.firstRow) * this.dim * 4, this.dim);
  }
}

/** The rows of a shard as one matrix, a view. */
export function shardMatrix(shard: Shard, dim: number): Matrix {
  return { data: new Float32Array(shard.memory.buffer, 0, shard.rows * dim), rows: shard.rows, dim };
}
