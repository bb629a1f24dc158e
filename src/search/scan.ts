import { type Arena, openArena } from './arena.js';

/** Columns of a packed shard are a multiple of this, and share one bound. */
export const GROUP = 64;

/** The kernel of scan.as.ts over a memory of its own. */
export type Scan = Arena<ScanExports>;

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

/** @param bytes all that will ever be reserved */
export function openScan(bytes: number): Scan {
  return openArena('scan.wasm', bytes);
}
