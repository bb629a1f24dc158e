import { join, relative } from 'node:path';
import { UserError } from '../../data/errors.js';
import type { Box } from '../image/boxes.js';
import type { ConvertedItem, Converter } from './converter.js';
import { fitBoxes, type PictureSize } from './fit-boxes.js';
import { byFirst, findIn, integerIn, readList } from './lists.js';

/** The lists tell of pictures that were resized to fit this, and centred in it. */
const PUBLISHED = 256;
/** Lines in front of the lists: the number of lines, and the names of the columns. */
const HEAD = { skip: 2 };

/**
 * DeepFashion In-Shop (Liu et al., "DeepFashion", CVPR 2016): `list_eval_partition.txt` and `list_bbox_inshop.txt`, beside the pictures or in `Eval/` and
 * `Anno/` as published, pictures in `img_highres/`, else in `img/` (both also in `Img/`). The category is the folder above that of the item, and labels with
 * a single picture are left out of train, as in OML. Published boxes are of pictures of 256 x 256; they are put where they lie in pictures of another size.
 */
export const convertInshop: Converter = async (folder, { boxes = true, ...reading } = {}) => {
  const partition = await findIn(folder, 'list_eval_partition.txt', 'Eval/list_eval_partition.txt');
  const pictures = await findIn(folder, 'img_highres', 'Img/img_highres', 'img', 'Img/img');
  const boxOf = boxes
    ? byFirst(await readList(await findIn(folder, 'list_bbox_inshop.txt', 'Anno/list_bbox_inshop.txt'), 7, HEAD))
    : undefined;
  const all = (await readList(partition, 3, HEAD)).map((line): ConvertedItem => {
    const [name, item, status] = line.values;
    const label = Number(/^id_(\d+)$/.exec(item)?.[1]);
    if (Number.isNaN(label)) throw new UserError(`${line.place}: "${item}" is no item, which is named like id_00000001`);
    if (!['train', 'query', 'gallery'].includes(status)) throw new UserError(`${line.place}: "${status}" is none of train, query, gallery`);
    const sides = boxOf?.(line);
    const [x1, y1, x2, y2] = sides ? [3, 4, 5, 6].map((at) => integerIn(sides, at)) : [];
    return {
      label,
      path: join(relative(folder, pictures), name.replace(/^img\//, '')).replaceAll('\\', '/'),
      category: name.split('/').at(-3),
      ...(status === 'train' ? { split: 'train' } : { split: 'validation', isQuery: status === 'query', isGallery: status === 'gallery' }),
      box: sides && [x1, y1, x2, y2],
    };
  });
  const count = new Map<unknown, number>();
  for (const { label } of all) count.set(label, (count.get(label) ?? 0) + 1);
  const items = all.filter(({ label, split }) => split === 'validation' || count.get(label) !== 1);
  const fitted = await fitBoxes(folder, items, reading, inPicture);
  const single = all.length - items.length;
  return {
    items: fitted.items,
    remarks: [...(single > 0 ? [`labels of train with a single picture, left out: ${single}`] : []), ...fitted.remarks],
  };
};

/** A box of the picture as published in the picture that it was made from. */
function inPicture([x1, y1, x2, y2]: Box, { width, height }: PictureSize): Box {
  const scale = PUBLISHED / Math.max(width, height);
  const [left, top] = [width, height].map((side) => (PUBLISHED - side * scale) / 2);
  const at = (value: number, margin: number) => Math.round((value - margin) / scale);
  return [at(x1, left), at(y1, top), at(x2, left), at(y2, top)];
}
