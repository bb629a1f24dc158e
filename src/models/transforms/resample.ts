import { readFileSync } from 'node:fs';
import { built } from '../../runtime/built.js';
import type { Picture } from './picture.js';

/** Weights are integers of so many bits behind the point: a byte times the sum of a row of them fits 32 bits. */
export const WEIGHT_BITS = 22;

/** For each new line or column a run of old ones, and their weights. */
export class Weights {
  /** All of them, one after the other: `starts`, `counts`, `values`. */
  readonly table: Int32Array;
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** `most` for each new one. */
  readonly values: Int32Array;

  constructor(
    readonly size: number,
    readonly most: number,
  ) {
    this.table = new Int32Array(size * (2 + most));
    this.starts = this.table.subarray(0, size);
    this.counts = this.table.subarray(size, 2 * size);
    this.values = this.table.subarray(2 * size);
  }
}

/** Lines that the kernel takes at one time. */
const LINES = 4;
/** Bytes that the kernel may read or write behind a line. */
const BEYOND = 16;

/** The functions of resample.as.ts. */
interface Kernel {
  squeezeColour(lines: number, from: number, weights: number, columns: number, most: number, out: number): void;
  squeezeGray(lines: number, from: number, weights: number, columns: number, most: number, out: number): void;
  mixLines(lines: number, bytes: number, values: number, count: number, out: number): void;
}

/** One for all pictures of this thread: only a few lines are in its memory at one time. */
let opened: { readonly memory: WebAssembly.Memory; readonly kernel: Kernel } | undefined;

/** The kernel, with the weights at the beginning of `bytes` of memory. */
function open({ table }: Weights, bytes: number): { readonly bytes: Uint8Array; readonly kernel: Kernel } {
  if (!opened) {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const module = new WebAssembly.Module(readFileSync(built(import.meta.url, 'resample.wasm')));
    opened = { memory, kernel: new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernel };
  }
  const { memory, kernel } = opened;
  const more = bytes - memory.buffer.byteLength;
  if (more > 0) memory.grow(Math.ceil(more / 65536));
  new Int32Array(memory.buffer, 0, table.length).set(table);
  return { bytes: new Uint8Array(memory.buffer), kernel };
}

/** New columns from weighted sums of old ones. */
export function acrossColumns({ data, width, height, channels }: Picture, weights: Weights): Picture {
  const { table, size: columns, most } = weights;
  const [line, made] = [width * channels, columns * channels];
  const lines = table.byteLength;
  const target = lines + LINES * line + BEYOND;
  const { bytes, kernel } = open(weights, target + LINES * made);
  const squeeze = channels === 3 ? kernel.squeezeColour : kernel.squeezeGray;
  const out = new Uint8Array(made * height);
  for (let y = 0; y < height; y += LINES) {
    const count = Math.min(LINES, height - y);
    bytes.set(data.subarray(y * line, (y + count) * line), lines);
    squeeze(lines, width, 0, columns, most, target);
    out.set(bytes.subarray(target, target + count * made), y * made);
  }
  return { data: out, width: columns, height, channels };
}

/** New lines from weighted sums of old ones. */
export function acrossRows({ data, width, channels }: Picture, weights: Weights): Picture {
  const { table, starts, counts, size: height, most } = weights;
  const line = width * channels;
  const lines = table.byteLength;
  const target = lines + most * line + BEYOND;
  const { bytes, kernel } = open(weights, target + line + BEYOND);
  const values = 2 * height * 4;
  const out = new Uint8Array(line * height);
  for (let y = 0; y < height; y++) {
    bytes.set(data.subarray(starts[y] * line, (starts[y] + counts[y]) * line), lines);
    kernel.mixLines(lines, line, values + y * most * 4, counts[y], target);
    out.set(bytes.subarray(target, target + line), y * line);
  }
  return { data: out, width, height, channels };
}
