import type { Device } from '../runtime/onnx-session.js';

/**
 * Bytes of a buffer that every WebGPU device can work on: the default of maxStorageBufferBindingSize, 134,217,728
 * (https://www.w3.org/TR/webgpu/#limits). Most devices can do more, but onnxruntime-node does not tell.
 */
const WEBGPU_BUFFER = 2 ** 27;
/** The fewest queries of a block, see `FloatEngine`: their scores must fit one buffer. */
export const LEAST_BLOCK = 16;
/** WebGPU's TopK sorts so many scores within a workgroup's memory; more of them pass through the device's memory about 100 times. */
const SORTED_AT_ONCE = 2048;
/** Candidates that a group's size is meant for. */
const USUAL_CANDIDATES = 128;
/** Rows are int32. */
const MOST_ROWS = 2 ** 31 - 1;

/** The most gallery rows of one matrix product. */
export function mostRows(device: Device, dim: number): number {
  if (device !== 'webgpu') return MOST_ROWS;
  return Math.max(1, Math.floor(WEBGPU_BUFFER / 4 / Math.max(dim, LEAST_BLOCK)));
}

/**
 * Rows of a group for the graph of the fast pass, where its TopK sorts all scores instead of selecting a few: what minimises the numbers to sort, the
 * minima of rows / group groups and then the scores of 128 of them.
 */
export function groupOf(device: Device, rows: number): number | undefined {
  if (device !== 'webgpu' || rows <= SORTED_AT_ONCE) return undefined;
  return 2 ** Math.round(Math.log2(rows / USUAL_CANDIDATES) / 2);
}
