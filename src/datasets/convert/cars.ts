import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../data/errors.js';
import type { Box } from '../image/boxes.js';
import { bothWays, type ConvertedItem, type Converter } from './converter.js';
import { fitBoxes } from './fit-boxes.js';
import { findIn, isThere } from './lists.js';
import { type MatValue, readMat } from './mat5.js';

/** Classes 1 to 98 train, 99 to 196 validate. */
const LAST_TRAINED = 98;

/** A file of annotations and the folder of its pictures. */
interface Annotations {
  readonly file: string;
  /** In front of the names that the file has. */
  readonly prefix: string;
  /** The field that names the picture. */
  readonly path: string;
  /** Whether all are to test with; in the file of all cars a field tells. */
  readonly tests?: boolean;
}

/**
 * Stanford Cars (Krause et al., "3D Object Representations for Fine-Grained Categorization", 2013): `cars_annos.mat` with `car_ims/`, or
 * `devkit/cars_train_annos.mat` and `cars_test_annos_withlabels.mat` with `cars_train/` and `cars_test/`. By default the first half of the classes trains and
 * the other validates, as in the literature of metric learning; the official split, which OML takes, has all classes on both sides. Boxes are taken as they
 * are published.
 */
export const convertCars: Converter = async (folder, { boxes = true, officialSplit = false, ...reading } = {}) => {
  const items: ConvertedItem[] = [];
  for (const { file, prefix, path, tests } of await annotationsIn(folder)) {
    const { annotations } = readMat(await readFile(file), file);
    if (annotations?.kind !== 'structs') throw new UserError(`${file}: there is no structure "annotations"`);
    annotations.structs.forEach((car, i) => {
      const place = `${file}, annotation ${i}`;
      const label = numberOf(car, 'class', place);
      const validation = officialSplit ? (tests ?? numberOf(car, 'test', place) === 1) : label > LAST_TRAINED;
      const box = ['bbox_x1', 'bbox_y1', 'bbox_x2', 'bbox_y2'].map((name) => Math.trunc(numberOf(car, name, place)));
      items.push(
        bothWays(validation, { label, path: prefix + textOf(car, path, place), box: boxes ? (box as unknown as Box) : undefined }),
      );
    });
  }
  return fitBoxes(folder, items, reading);
};

async function annotationsIn(folder: string): Promise<Annotations[]> {
  const all = join(folder, 'cars_annos.mat');
  if (await isThere(all)) return [{ file: all, prefix: '', path: 'relative_im_path' }];
  const train = await findIn(folder, 'cars_annos.mat', 'devkit/cars_train_annos.mat');
  const test = await findIn(folder, 'cars_test_annos_withlabels.mat', 'devkit/cars_test_annos_withlabels.mat');
  return [
    { file: train, prefix: 'cars_train/', path: 'fname', tests: false },
    { file: test, prefix: 'cars_test/', path: 'fname', tests: true },
  ];
}

type Struct = Readonly<Record<string, MatValue>>;

function numberOf(struct: Struct, field: string, place: string): number {
  const value = struct[field];
  if (value?.kind === 'numbers' && value.values.length === 1) return value.values[0];
  throw new UserError(`${place}: there is no number "${field}"`);
}

function textOf(struct: Struct, field: string, place: string): string {
  const value = struct[field];
  if (value?.kind === 'text') return value.text;
  throw new UserError(`${place}: there is no text "${field}"`);
}
