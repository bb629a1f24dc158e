import type { Matrix } from '../data/matrix.js';
import type { Extractor } from './extractor.js';
import type { Feeds } from './feeds.js';

/**
 * Whether an item's embedding depends, to the bit, on the batch that it is in: that of padded texts, of models that quantise their activations batch by batch,
 * and of kernels that are chosen by the size of the batch does. A probe, not a proof: the items alone, in pairs and all together, against each other.
 * @param feeds makes the feeds of some of the items, by their numbers, which may come more than once
 * @param count number of items, at least 1
 * @param batch items in one run of the model
 */
export async function batchMatters(
  extractor: Extractor,
  feeds: (items: readonly number[]) => Feeds,
  count: number,
  batch: number,
): Promise<boolean> {
  const of = (items: readonly number[]) => extractor.embed(feeds(items));
  const whole = Array.from({ length: Math.max(2, batch) }, (_, i) => i % count);
  // In another order, so that neighbours and places change, and without the last, which fills no kernel.
  const turned = whole.slice(1).reverse();
  const seen = new Map<number, Uint8Array>();
  const runs = [...Array.from({ length: count }, (_, i) => [i]), whole.slice(0, 2), whole, turned];
  for (const items of runs) {
    const vectors = await of(items);
    for (const [i, item] of items.entries()) {
      const bytes = row(vectors, i);
      const before = seen.get(item);
      if (before && Buffer.compare(before, bytes) !== 0) return true;
      seen.set(item, bytes);
    }
  }
  return false;
}

function row({ data, dim }: Matrix, i: number): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset + 4 * i * dim, 4 * dim);
}
