import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { UserError } from '../../src/data/errors.js';
import type { Dataset } from '../../src/datasets/dataset.js';
import type { Modality } from '../../src/datasets/modality.js';

/** Icons by the column `path`, as the icon embedder takes them: a modality that tests register. */
export const iconPixels: Modality = {
  name: 'icon-pixels',
  async open(items, _, { root }): Promise<Dataset<Float32Array>> {
    const file = (row: number) => join(root, String(items.columns.path.get(row)));
    const read = (row: number) =>
      readFile(file(row)).catch(() => {
        throw new UserError(`row ${row}: ${items.columns.path.get(row)} cannot be read`);
      });
    return {
      modality: 'icon-pixels',
      size: items.size,
      preparation: { side: 64 },
      async load(row) {
        const flat = sharp(await read(row), { density: 18 }).flatten({ background: '#ffffff' });
        const pixels = await flat
          .resize(64, 64, { fit: 'fill' })
          .grayscale()
          .raw()
          .toBuffer()
          .catch(() => {
            throw new UserError(`row ${row}: ${items.columns.path.get(row)} is no picture`);
          });
        return Float32Array.from(pixels, (value) => (255 - value) / 255);
      },
      collate(pictures) {
        const data = new Float32Array(pictures.length * 4096);
        pictures.forEach((pixels, i) => {
          data.set(pixels, i * 4096);
        });
        return { input: { type: 'float32', data, dims: [pictures.length, 1, 64, 64] } };
      },
      contentHash: async (row) =>
        createHash('sha256')
          .update(await read(row))
          .digest('hex'),
      visualize: async (row) => `<p>${row}</p>`,
    };
  },
};
