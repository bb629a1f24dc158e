import { didYouMean, UserError } from '../data/errors.js';
import type { JsonObject } from '../data/json.js';
import { type PictureTensor, refuseMisfit, transformedShape } from '../models/transforms/index.js';
import { arrayInput, itemBytes } from './array-input.js';
import type { Dataset, Feeds } from './dataset.js';
import { hashFile } from './file-hash.js';
import { BOX_COLUMNS, type Box, boxAt } from './image/boxes.js';
import { DECODER } from './image/decode.js';
import { parseImageOptions, writtenOptions } from './image/options.js';
import { askPictureThread } from './image/threads.js';
import type { ShownPicture } from './image/worker.js';
import { itemFiles } from './item-files.js';
import { type ItemTable, sourceRow } from './item-table.js';
import type { ItemPlaces, Modality } from './modality.js';

/**
 * Pictures: the files in the column `path` (JPEG, PNG, WebP, AVIF, TIFF, SVG, the first frame of a GIF), cut to the box in the columns `x_1`, `y_1`, `x_2`
 * and `y_2`, in stored pixels, where a row has one; see `imageDataset`.
 */
export const image: Modality = { name: 'image', open: async (items, options, places) => imageDataset(items, options, places) };

/**
 * Pictures as a dataset. An item is float32 (float16 for a model that takes that) [channels, height, width].
 *
 * Options (`input` of the model's description): `transform`, as `parseTransform` takes it; `exif` (false): turns pictures as their EXIF orientation says;
 * `density` (72 dots per inch): how large SVG is drawn; `background` (`#ffffff`): what transparent pictures stand on, or `none`, where the alpha channel
 * is dropped as in OML.
 * @throws UserError for a wrong option, a transform that does not fit the model, a missing column; when loading, with the item's row and file, for a file
 * that is missing, damaged or no picture, and for a box that is not in it
 */
export function imageDataset(items: ItemTable, given: JsonObject, places: ItemPlaces): Dataset<PictureTensor> {
  const options = parseImageOptions(given, places.model);
  const input = arrayInput(places);
  const wanted = input.shape.slice(1);
  const shape = transformedShape(options.transform);
  refuseMisfit(shape, wanted, places.model);
  const type = input.type === 'float16' ? 'float16' : 'float32';
  refuseHalfBoxes(items);
  const withFile = itemFiles(items, places.root);
  const wish = (path: string, row: number) => ({ path, box: boxAt(items.columns, row), options, type }) as const;
  return {
    modality: 'image',
    size: items.size,
    itemBytes: itemBytes(input, shape),
    preparation: { ...writtenOptions(options), decoder: DECODER },
    load: (row) =>
      withFile(row, async (path) => {
        const made = await askPictureThread('load', wish(path, row));
        refuseMisfit(made.shape, wanted, places.model);
        return made;
      }),
    collate: (pictures) => stackPictures(input.name, type, pictures),
    contentHash: (row) => withFile(row, async (path) => hashFile(path, ...(boxAt(items.columns, row) ?? []).map(String))),
    visualize: (row) => withFile(row, async (path) => pictureHtml(await askPictureThread('show', wish(path, row)), sourceRow(items, row))),
  };
}

function refuseHalfBoxes({ source, columns }: ItemTable): void {
  const absent = BOX_COLUMNS.filter((name) => !columns[name]);
  if (absent.length === 0 || absent.length === BOX_COLUMNS.length) return;
  const names = Object.keys(columns);
  throw new UserError(`${source}: no column "${absent[0]}", but others of a box, ${BOX_COLUMNS.join(', ')}${didYouMean(absent[0], names)}`);
}

function stackPictures(name: string, type: 'float32' | 'float16', pictures: readonly PictureTensor[]): Feeds {
  const [{ shape }] = pictures;
  const size = shape[0] * shape[1] * shape[2];
  const data = new (type === 'float16' ? Uint16Array : Float32Array)(pictures.length * size);
  for (const [i, one] of pictures.entries()) {
    if (String(one.shape) !== String(shape)) {
      const sizes = [shape, one.shape].map((s) => `[${s.join(', ')}]`).join(' and ');
      throw new UserError(`pictures of ${sizes} do not go into one batch; add a resize to one size, [height, width], to the transform`);
    }
    data.set(one.data, i * size);
  }
  return { [name]: { type, data, dims: [pictures.length, ...shape] } };
}

/** A picture with its box. */
function pictureHtml({ uri, width, height, box }: ShownPicture, row: number): string {
  const frame = box ? frameOf(box) : '';
  const picture = `<image href="${uri}" width="${width}" height="${height}"/>${frame}`;
  return `<svg role="img" aria-label="picture of row ${row}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${picture}</svg>`;
}

function frameOf([x1, y1, x2, y2]: Box): string {
  return `<rect x="${x1}" y="${y1}" width="${x2 - x1}" height="${y2 - y1}" fill="none" stroke="#d33" stroke-width="2"/>`;
}
