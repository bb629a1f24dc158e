import type { Extractor } from '../models/extractor.js';
import type { Dataset } from './dataset.js';

const MOST_ITEMS = 64;
/** Bytes of the input of one run on the CPU: with more no model is faster, and what it makes of them takes memory anew in each run. */
const MOST_BYTES = 2 ** 24;

/** Items in one run of a model, where nothing else is said: 64; of large ones, on the CPU, a power of two that makes 16 MiB at most. */
export function defaultBatch({ device }: Pick<Extractor, 'device'>, { itemBytes = 1 }: Pick<Dataset, 'itemBytes'>): number {
  let batch = MOST_ITEMS;
  if (device === 'cpu') while (batch > 1 && batch * itemBytes > MOST_BYTES) batch /= 2;
  return batch;
}
