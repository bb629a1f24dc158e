import type { Picture } from '../../models/transforms/index.js';
import type { Box } from './boxes.js';

/** How a stored picture is to be shown: its columns backwards, its rows backwards, then columns as rows. */
interface Turn {
  readonly mirrored: boolean;
  readonly upsideDown: boolean;
  readonly transposed: boolean;
}

/** The turn of each value of the EXIF tag Orientation; 1 leaves the picture as it is. */
function turnOf(orientation: number): Turn {
  return {
    mirrored: [2, 3, 7, 8].includes(orientation),
    upsideDown: [3, 4, 6, 7].includes(orientation),
    transposed: orientation >= 5,
  };
}

/** Cuts a part out of a stored picture, and turns it as its EXIF orientation says. */
export function cutOut(picture: Picture, box: Box | undefined, orientation: number): Picture {
  if (!box && orientation === 1) return picture;
  const { data, channels } = picture;
  const [x1, y1, x2, y2] = box ?? [0, 0, picture.width, picture.height];
  const { mirrored, upsideDown, transposed } = turnOf(orientation);
  const across = (mirrored ? -1 : 1) * channels;
  const down = (upsideDown ? -1 : 1) * channels * picture.width;
  const start = ((upsideDown ? y2 - 1 : y1) * picture.width + (mirrored ? x2 - 1 : x1)) * channels;
  const [width, height] = transposed ? [y2 - y1, x2 - x1] : [x2 - x1, y2 - y1];
  const [stepX, stepY] = transposed ? [down, across] : [across, down];
  const out = new Uint8Array(width * height * channels);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0, from = start + y * stepY; x < width; x++, from += stepX) {
      for (let c = 0; c < channels; c++) out[at++] = data[from + c];
    }
  }
  return { data: out, width, height, channels };
}

/** Where a part of a stored picture is in the picture as it is shown. */
export function turnedBox([x1, y1, x2, y2]: Box, { width, height }: Pick<Picture, 'width' | 'height'>, orientation: number): Box {
  const { mirrored, upsideDown, transposed } = turnOf(orientation);
  const [left, right] = mirrored ? [width - x2, width - x1] : [x1, x2];
  const [top, bottom] = upsideDown ? [height - y2, height - y1] : [y1, y2];
  return transposed ? [top, left, bottom, right] : [left, top, right, bottom];
}
