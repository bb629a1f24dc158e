import { readFileSync } from 'node:fs';
import { built } from '../runtime/built.js';

/** Rows that pass through the kernel at one time: their panels stay in the cache. */
export const SCATTER_ROWS = 64;

/** The kernel of scatter.as.ts for vectors of one dimension. */
export interface Scatter {
  /** Columns: the dimension, rounded up to a multiple of 4. */
  readonly width: number;
  /** Row r, column c at (c / 4 | 0) * 4 * rows + r * 4 + c % 4: write it before `add`. The columns beyond the dimension stay 0. */
  readonly panels: Float64Array;
  /** The sums, [width x width]: only what is on and above the diagonal counts. */
  readonly sums: Float64Array;
  add(rows: number): void;
}

const opened = new Map<number, Scatter>();

/** The kernel for a dimension; one for all that use it in this thread, one after the other. */
export function openScatter(dim: number): Scatter {
  const known = opened.get(dim);
  if (known) return known;
  const count = Math.ceil(dim / 4);
  const width = count * 4;
  const panelBytes = SCATTER_ROWS * width * 8;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((panelBytes + width * width * 8) / 65536) });
  const module = new WebAssembly.Module(readFileSync(built(import.meta.url, 'scatter.wasm')));
  const { scatter } = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as {
    scatter(panels: number, count: number, rows: number, sums: number): void;
  };
  const made = {
    width,
    panels: new Float64Array(memory.buffer, 0, SCATTER_ROWS * width),
    sums: new Float64Array(memory.buffer, panelBytes, width * width),
    add: (rows: number) => scatter(0, count, rows, panelBytes),
  };
  opened.set(dim, made);
  return made;
}
