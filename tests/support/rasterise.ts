/* The drawings that the icon models were trained on, made without our loader: what that must give to the bit. */
import sharp from 'sharp';

/** Width and height of a rasterised icon. */
export const SIDE = 64;
export const PIXELS = SIDE * SIDE;

/** The preparation the embedder was trained with. At 18 dots per inch a drawing of 256 units comes out at 64 pixels, without resampling. */
const DENSITY = 18;

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
