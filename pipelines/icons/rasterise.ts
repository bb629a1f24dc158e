import { availableParallelism } from 'node:os';
import sharp from 'sharp';

/** Width and height of a rasterised icon. */
export const SIDE = 64;
export const PIXELS = SIDE * SIDE;

/** The preparation the embedder was trained with. At 18 dots per inch a drawing of 256 units comes out at 64 pixels, without resampling. */
const DENSITY = 18;

/** What decides the pixels of an icon, beside its drawing; sharp draws SVG with librsvg. */
export const PREPARATION = {
  side: SIDE,
  density: DENSITY,
  sharp: sharp.versions.sharp,
  vips: sharp.versions.vips,
  rsvg: sharp.versions.rsvg,
};

/** Draws an SVG as 64 x 64 gray values, row by row: ink is 255, paper 0. */
export async function rasterise(file: string): Promise<Uint8Array> {
  const paper = await sharp(file, { density: DENSITY })
    .flatten({ background: '#ffffff' })
    .resize(SIDE, SIDE, { fit: 'fill' })
    .grayscale()
    .raw()
    .toBuffer();
  return paper.map((value) => 255 - value);
}

/** Draws many icons, one after the other in one array. A few are drawn at a time, in sharp's threads. */
export async function rasteriseAll(files: readonly string[]): Promise<Uint8Array> {
  const images = new Uint8Array(files.length * PIXELS);
  let next = 0;
  const draw = async () => {
    while (next < files.length) {
      const i = next++;
      images.set(await rasterise(files[i]), i * PIXELS);
    }
  };
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, draw));
  return images;
}
