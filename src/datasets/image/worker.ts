import sharp from 'sharp';
import { type Thumbnail, thumbnail } from '../../data/thumbnail.js';
import { readWholeStanding } from '../../io/file.js';
import { applyTransform, type PictureTensor } from '../../models/transforms/index.js';
import { serve, Transfer } from '../../runtime/thread.js';
import { type Box, refuseOutside } from './boxes.js';
import { DECODING_THREADS, decodePicture } from './decode.js';
import type { ImageOptions } from './options.js';
import { cutOut, turnedBox } from './orientation.js';

/** One picture, and how it is made. */
export interface PictureRequest {
  readonly path: string;
  readonly box?: Box;
  readonly options: ImageOptions;
  readonly type: 'float32' | 'float16';
}

/** A whole picture as a report shows it, and where its box is in that. */
export interface ShownPicture extends Thumbnail {
  readonly box?: Box;
}

/** Longest side of a picture in a report, as of its thumbnails. */
const SHOWN = 128;

async function stored({ path, box, options }: PictureRequest) {
  const decoded = await decodePicture(await readWholeStanding(path), options);
  refuseOutside(box, decoded.picture);
  return decoded;
}

/*
 * Pictures are decoded by sharp in threads of its own; what comes behind that, resizing byte by byte as other libraries do, would hold up the event loop.
 */
serve(
  {
    async load(request: PictureRequest): Promise<Transfer<PictureTensor>> {
      const { picture, orientation } = await stored(request);
      const { options, box, type } = request;
      const tensor = applyTransform(options.transform, cutOut(picture, box, orientation), type);
      return new Transfer(tensor, [tensor.data.buffer]);
    },

    async show(request: PictureRequest): Promise<ShownPicture> {
      const { picture, orientation } = await stored(request);
      const { data, width, height, channels } = cutOut(picture, undefined, orientation);
      const small = await thumbnail(sharp(data, { raw: { width, height, channels: channels as 1 | 3 } }), SHOWN);
      const scale = small.width / width;
      const box = request.box && turnedBox(request.box, picture, orientation);
      return { ...small, box: box && (box.map((side) => side * scale) as unknown as Box) };
    },
  },
  DECODING_THREADS + 1,
);
