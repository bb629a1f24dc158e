import type { ItemTensors } from '../../src/data/context.js';
import type { Icon } from './dataset.js';
import { PIXELS, SIDE } from './rasterise.js';

/** The drawings of queries and gallery as the models take them: 0 is paper, 1 ink. @param images of all icons, in their order */
export function iconItems(icons: readonly Icon[], images: Uint8Array): ItemTensors {
  const all = icons.map((icon, i) => ({ icon, i }));
  const queries = all.filter(({ icon }) => icon.isQuery).map(({ i }) => i);
  const gallery = all.filter(({ icon }) => icon.isGallery).map(({ i }) => i);
  const tensor = async (i: number) => Float32Array.from(images.subarray(i * PIXELS, (i + 1) * PIXELS), (value) => value / 255);
  return { shape: [1, SIDE, SIDE], query: (rr, position) => tensor(queries[rr.rows[position]]), gallery: (row) => tensor(gallery[row]) };
}
