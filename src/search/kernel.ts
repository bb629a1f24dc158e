import { readFileSync } from 'node:fs';
import type { Shard } from '../data/vector-store.js';
import { built } from '../runtime/built.js';

/** Rows that are scored in one call of the WebAssembly kernel. */
export const KERNEL_ROWS = 1024;

/** Raw sums over one shard, float64, in canonical order; see canonical.ts. */
export interface Kernel {
  /** The query as float64[dim]: write it before `score`. */
  readonly query: Float64Array;
  /** Rows of the shard to score, int32[KERNEL_ROWS]: write them before `score`. */
  readonly ids: Int32Array;
  /** Norms of those rows, float64[KERNEL_ROWS]: write them before `score('unitSquares')`. */
  readonly norms: Float64Array;
  /** The sums, float64[KERNEL_ROWS]. */
  readonly sums: Float64Array;
  score(of: 'squares' | 'products' | 'unitSquares', count: number): void;
  /** Squared norms of `count` consecutive rows into `sums`. */
  squaredNorms(firstRow: number, count: number): void;
}

type Scorer = (q: number, gallery: number, ids: number, m: number, dim: number, norms: number, out: number) => void;

let module: WebAssembly.Module | undefined;

/** A kernel over a shard's shared memory. Its scratch space is its own, behind the vectors, so that several threads can score the same shard. */
export function openKernel(shard: Shard, dim: number): Kernel {
  module ??= new WebAssembly.Module(readFileSync(built(import.meta.url, 'canonical.wasm')));
  const { memory } = shard;
  const scratch = dim * 8 + KERNEL_ROWS * (4 + 8 + 8);
  const q = memory.grow(Math.ceil(scratch / 65536)) * 65536;
  const ids = q + dim * 8;
  const norms = ids + KERNEL_ROWS * 4;
  const sums = norms + KERNEL_ROWS * 8;
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Record<
    'squares' | 'products' | 'unitSquares',
    Scorer
  > & {
    squaredNorms(gallery: number, first: number, m: number, dim: number, out: number): void;
  };
  const { buffer } = memory;
  return {
    query: new Float64Array(buffer, q, dim),
    ids: new Int32Array(buffer, ids, KERNEL_ROWS),
    norms: new Float64Array(buffer, norms, KERNEL_ROWS),
    sums: new Float64Array(buffer, sums, KERNEL_ROWS),
    score: (of, count) => exports[of](q, 0, ids, count, dim, norms, sums),
    squaredNorms: (firstRow, count) => exports.squaredNorms(0, firstRow, count, dim, sums),
  };
}
