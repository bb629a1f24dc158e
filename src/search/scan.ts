import { readFileSync } from 'node:fs';
import { built } from '../runtime/built.js';

/** Columns of a packed shard are a multiple of this, and share one bound. */
export const GROUP = 64;

/** The kernel of scan.as.ts over a memory of its own, with pieces of that memory as typed arrays. */
export interface Scan {
  readonly exports: ScanExports;
  /** Reserves float32 or int32 numbers. */
  floats(length: number): Float32Array<ArrayBuffer>;
  ints(length: number): Int32Array<ArrayBuffer>;
}

export interface ScanExports {
  minima(products: number, rows: number, columns: number, width: number, bias: number, scale: number, factors: number, out: number): void;
  scores(products: number, columns: number, bias: number, scale: number, factor: number, out: number): void;
  collect(
    products: number,
    columns: number,
    width: number,
    bias: number,
    scale: number,
    factor: number,
    minima: number,
    residuals: number,
    norms: number,
    errors: number,
    over: number,
    at: number,
    r: number,
    h: number,
    out: number,
    most: number,
  ): number;
  select(values: number, n: number, k: number): number;
}

/** @param bytes all that will ever be reserved: ONNX Runtime writes into this memory, so that it must not move */
export function openScan(bytes: number): Scan {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) + 1 });
  const module = new WebAssembly.Module(readFileSync(built(import.meta.url, 'scan.wasm')));
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as ScanExports;
  let end = 0;
  const reserve = (numbers: number) => {
    const start = end;
    end += Math.ceil(numbers / 16) * 64;
    return start;
  };
  return {
    exports,
    floats: (length) => new Float32Array(memory.buffer, reserve(length), length),
    ints: (length) => new Int32Array(memory.buffer, reserve(length), length),
  };
}
