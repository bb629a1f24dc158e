import sharp from 'sharp';
import { firstLine, UserError } from '../../data/errors.js';
import type { Picture } from '../../models/transforms/index.js';
import type { DecodeOptions } from './options.js';

/** What decides the pixels of a file, beside the options. */
export const DECODER = { sharp: sharp.versions.sharp, vips: sharp.versions.vips };

/** Pictures that sharp decodes at one time: it works in the threads of libuv. */
export const DECODING_THREADS = Number(process.env.UV_THREADPOOL_SIZE) || 4;

/** A picture as it is stored. */
export interface Stored {
  readonly picture: Picture;
  /** How it is to be turned: its EXIF tag Orientation, 1 to 8, and 1 where that does not count. */
  readonly orientation: number;
}

/**
 * Decodes a picture (JPEG, PNG, WebP, AVIF, TIFF, SVG, the first frame of a GIF) to 8-bit gray or RGB. Colours are as they are stored: a profile is not
 * applied, as in Pillow and OpenCV.
 * @throws UserError for what is no such picture, or damaged
 */
export async function decodePicture(bytes: Uint8Array, { exif, density, background }: DecodeOptions): Promise<Stored> {
  try {
    const file = sharp(bytes, { failOn: 'error', density, ignoreIcc: true });
    const { orientation = 1 } = exif ? await file.metadata() : {};
    const opaque = background === 'none' ? file.removeAlpha() : file.flatten({ background });
    const { data, info } = await opaque.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
    return { picture: { data, width: info.width, height: info.height, channels: info.channels }, orientation };
  } catch (error) {
    // libvips has one place for the messages of all threads: another one may have emptied it.
    const reason = firstLine(error);
    throw new UserError(`cannot be read as a picture (${reason === 'Unknown error' ? 'it is damaged' : reason})`);
  }
}
