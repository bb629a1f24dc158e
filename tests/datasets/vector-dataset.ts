import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { UserError } from '../../src/data/errors.js';
import type { Dataset } from '../../src/datasets/dataset.js';

/**
 * A dataset whose items are vectors in memory; `undefined` is a broken one. It counts its loads, and takes what time it is told to.
 * @param shape of an item, where it is not a vector to its model
 */
export function vectorDataset(
  vectors: readonly (readonly number[] | undefined)[],
  delay: (row: number) => number = () => 0,
  shape?: readonly number[],
): Dataset<readonly number[]> & { readonly loaded: number[]; loading: number } {
  const itemOf = (row: number): readonly number[] => {
    const item = vectors[row];
    if (item) return item;
    throw new UserError(`vectors, row ${row}: broken`);
  };
  return {
    modality: 'vectors',
    size: vectors.length,
    preparation: { twice: false },
    loaded: [],
    loading: 0,
    async load(row) {
      this.loaded.push(row);
      this.loading++;
      if (delay(row) > 0) await setTimeout(delay(row));
      return itemOf(row);
    },
    collate(items) {
      this.loading -= items.length;
      return { input: { type: 'float32', data: Float32Array.from(items.flat()), dims: [items.length, ...(shape ?? [items[0].length])] } };
    },
    contentHash: async (row) =>
      createHash('sha256')
        .update(String(itemOf(row)))
        .digest('hex'),
    visualize: async (row) => `<p>${row}</p>`,
  };
}
