import { didYouMean, UserError } from '../../data/errors.js';
import { convertCars } from './cars.js';
import type { Converter } from './converter.js';
import { convertCub } from './cub.js';
import { convertFolder } from './folder.js';
import { convertInshop } from './inshop.js';
import { convertSop } from './sop.js';

/** The data sets that are known: a table of contents. */
const CONVERTERS: Readonly<Record<string, Converter>> = {
  sop: convertSop,
  cub: convertCub,
  cars: convertCars,
  inshop: convertInshop,
  folder: convertFolder,
};

/** @throws UserError with the nearest name */
export function converterOf(name: string): Converter {
  if (Object.hasOwn(CONVERTERS, name)) return CONVERTERS[name];
  const names = Object.keys(CONVERTERS);
  throw new UserError(`unknown data set "${name}" (there are: ${names.join(', ')})${didYouMean(name, names)}`);
}
