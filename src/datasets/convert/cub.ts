import { bothWays, type Converter } from './converter.js';
import { fitBoxes } from './fit-boxes.js';
import { byFirst, findIn, integerIn, numberIn, readList } from './lists.js';

/** Classes 1 to 100 train, 101 to 200 validate. */
const LAST_TRAINED = 100;

/**
 * Caltech-UCSD Birds-200-2011 (Wah et al., 2011): `images.txt`, `image_class_labels.txt` and, where they are wanted, `bounding_boxes.txt` (x, y, width and
 * height) and `train_test_split.txt`. By default the first half of the classes trains and the other validates, as in the literature of metric learning;
 * the official split, which OML takes, has all classes on both sides.
 */
export const convertCub: Converter = async (folder, { boxes = true, officialSplit = false, ...reading } = {}) => {
  const list = async (name: string, width: number) => readList(await findIn(folder, name), width);
  const label = byFirst(await list('image_class_labels.txt', 2));
  const box = boxes ? byFirst(await list('bounding_boxes.txt', 5)) : undefined;
  const trains = officialSplit ? byFirst(await list('train_test_split.txt', 2)) : undefined;
  const items = (await list('images.txt', 2)).map((line) => {
    const id = integerIn(label(line), 1);
    const validation = trains ? integerIn(trains(line), 1) === 0 : id > LAST_TRAINED;
    const sides = box?.(line);
    const [x, y, width, height] = sides ? [1, 2, 3, 4].map((at) => numberIn(sides, at)) : [];
    return bothWays(validation, {
      label: id,
      path: `images/${line.values[1]}`,
      box: sides && [Math.trunc(x), Math.trunc(y), Math.trunc(x + width), Math.trunc(y + height)],
    });
  });
  return fitBoxes(folder, items, reading);
};
