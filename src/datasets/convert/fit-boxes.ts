import { join } from 'node:path';
import sharp from 'sharp';
import { firstLine, UserError } from '../../data/errors.js';
import { mapLimited } from '../../data/map-limited.js';
import type { FileReading } from '../check-files.js';
import type { Box } from '../image/boxes.js';
import type { Converted, ConvertedItem } from './converter.js';

/** Pictures of which the head is read at a time. */
const HEADS = 8;

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Cuts boxes to their pictures, as whoever crops an array does without a word; a box of which nothing is left is left out.
 * @param place where a published box lies in its picture (default: as it is)
 * @throws UserError for a picture that is not there, or cannot be read
 */
export async function fitBoxes(
  folder: string,
  items: readonly ConvertedItem[],
  { signal, progress }: FileReading,
  place: (box: Box, picture: PictureSize) => Box = (box) => box,
): Promise<Converted> {
  const boxes = items.filter(({ box }) => box).length;
  if (boxes === 0) return { items, remarks: [] };
  let lost = 0;
  progress?.start('pictures', boxes);
  try {
    const fitted = await mapLimited(items, HEADS, async (item) => {
      signal?.throwIfAborted();
      if (!item.box) return item;
      const picture = await sizeOf(join(folder, item.path));
      const [x1, y1, x2, y2] = place(item.box, picture);
      const box: Box = [Math.max(0, x1), Math.max(0, y1), Math.min(picture.width, x2), Math.min(picture.height, y2)];
      progress?.advance(1);
      if (box[0] < box[2] && box[1] < box[3]) return { ...item, box };
      lost++;
      return { ...item, box: undefined };
    });
    return { items: fitted, remarks: lost > 0 ? [`boxes without a pixel of their pictures, left out: ${lost}`] : [] };
  } finally {
    progress?.stop();
  }
}

async function sizeOf(file: string): Promise<PictureSize> {
  try {
    return await sharp(file).metadata();
  } catch (error) {
    throw new UserError(
      `${file}: a box needs the size of its picture, which cannot be read (${firstLine(error)}); --no-bboxes leaves boxes out`,
    );
  }
}
