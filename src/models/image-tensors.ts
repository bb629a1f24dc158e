import { isAbsolute, join } from 'node:path';
import type { Vector } from 'apache-arrow';
import sharp from 'sharp';
import type { ItemTensors } from '../data/context.js';
import { UserError } from '../data/errors.js';

/**
 * Pictures as a model's input: scaled to its height and width (without keeping their proportions), gray for one channel, RGB for three, values 0 to 1,
 * channel by channel. Transparent pictures stand on white.
 * @param shape [channels, height, width]
 * @param gallery the `path` column of the gallery; queries have theirs in their batch, or among the columns of the results
 * @param root folder that relative paths start from
 * @throws UserError for another shape; while loading, naming the picture that cannot be read
 */
export function imageTensors(shape: readonly (number | string)[], gallery: Vector, root: string): ItemTensors {
  const sides = shape.filter((side) => typeof side === 'number');
  const [channels, height, width] = sides;
  if (shape.length !== 3 || sides.length !== 3 || (channels !== 1 && channels !== 3)) {
    throw new UserError(`pictures are [1, height, width] or [3, height, width] with sides that are known, not [${shape.join(', ')}]`);
  }
  const load = async (path: unknown, what: string): Promise<Float32Array> => {
    if (typeof path !== 'string') throw new UserError(`${what} has no picture: its path is missing`);
    const file = isAbsolute(path) ? path : join(root, path);
    try {
      const flat = sharp(file).flatten({ background: '#ffffff' }).resize(width, height, { fit: 'fill' });
      const pixels = await (channels === 1 ? flat.grayscale() : flat.toColourspace('srgb').removeAlpha()).raw().toBuffer();
      return planes(pixels, channels);
    } catch (error) {
      throw new UserError(`${what}: ${file} cannot be read as a picture (${(error as Error).message.split('\n')[0]})`);
    }
  };
  return {
    shape: sides,
    query: (rr, position) => load((rr.queries?.columns.path ?? rr.columns.path)?.get(position), `query ${rr.rows[position]}`),
    gallery: (row) => load(gallery.get(row), `gallery item ${row}`),
  };
}

/** Interleaved bytes as planes of 0 to 1. */
function planes(pixels: Buffer, channels: number): Float32Array {
  const plane = pixels.length / channels;
  const values = new Float32Array(pixels.length);
  for (let i = 0; i < plane; i++) for (let c = 0; c < channels; c++) values[c * plane + i] = pixels[i * channels + c] / 255;
  return values;
}
