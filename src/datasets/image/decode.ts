import sharp, { type Sharp } from 'sharp';
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
 * applied, as in Pillow and OpenCV, and CMYK becomes RGB by Pillow's formula.
 * @throws UserError for what is no such picture, or damaged
 */
export async function decodePicture(bytes: Uint8Array, { exif, density, background }: DecodeOptions): Promise<Stored> {
  try {
    const file = sharp(bytes, { failOn: 'error', density, ignoreIcc: true });
    const { orientation: tag = 1, space } = exif || mayBeInks(bytes) ? await file.metadata() : {};
    const orientation = exif ? tag : 1;
    if (space === 'cmyk') return { picture: await decodeInks(file), orientation };
    const opaque = background === 'none' ? file.removeAlpha() : file.flatten({ background });
    const { data, info } = await opaque.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
    return { picture: { data, width: info.width, height: info.height, channels: info.channels }, orientation };
  } catch (error) {
    // What sharp says itself; libvips keeps its messages in one place for all threads, so that those may be of another file.
    const [reason] = /^Input [^:]*/.exec(firstLine(error)) ?? ['it is damaged, or not all there'];
    throw new UserError(`cannot be read as a picture (${reason})`);
  }
}

/** Whether a file begins as JPEG or TIFF do: no other format holds CMYK, and reading a head costs a quarter of a small picture. */
function mayBeInks(bytes: Uint8Array): boolean {
  return [0xff, 0x49, 0x4d].includes(bytes[0]);
}

/** CMYK as Pillow makes RGB of it, without a profile: what the black lets through, less the share that the ink takes. */
async function decodeInks(file: Sharp): Promise<Picture> {
  const stored = file.removeAlpha().pipelineColourspace('cmyk').toColourspace('cmyk');
  const { data: inks, info } = await stored.raw().toBuffer({ resolveWithObject: true });
  const data = new Uint8Array(info.width * info.height * 3);
  for (let from = 0, at = 0; at < data.length; from += 4) {
    const light = 255 - inks[from + 3];
    for (let c = 0; c < 3; c++) data[at++] = light - Math.round((inks[from + c] * light) / 255);
  }
  return { data, width: info.width, height: info.height, channels: 3 };
}
