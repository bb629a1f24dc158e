import { UserError } from '../src/data/errors.js';
import { itemsCsv } from '../src/datasets/convert/items-csv.js';
import { converterOf } from '../src/datasets/convert/registry.js';
import { formatCount } from '../src/report/format.js';
import { assertAllWritable, writeText } from './files.js';
import type { OptionName, Options } from './options.js';
import type { RunContext } from './run-context.js';

/** The options of `rankstream convert`. */
export const CONVERT_OPTIONS = ['inputs', 'out', 'bboxes', 'official-split', 'config'] as const satisfies readonly OptionName[];

export interface ConvertOutcome {
  readonly file: string;
  readonly items: number;
  readonly train: number;
  readonly validation: number;
  readonly labels: number;
  /** What was left out, and why. */
  readonly remarks: readonly string[];
}

/**
 * Writes the table of items of a data set in its published layout, or of a folder with a folder for each label. Paths are relative to the folder of the
 * data set.
 * @param options.inputs the data set (sop, cub, cars, inshop or folder), and its folder
 * @throws UserError for every mistake in the options, and for a layout that is not as published
 * @example await runConvert({ inputs: ['sop', 'Stanford_Online_Products'], out: 'items.csv' });
 */
export async function runConvert(options: Options, { progress, signal }: RunContext = {}): Promise<ConvertOutcome> {
  const { inputs = [], out, bboxes: boxes, officialSplit } = options;
  if (inputs.length !== 2)
    throw new UserError('give the data set and its folder, for example: convert sop Stanford_Online_Products -o items.csv');
  const [name, folder] = inputs;
  const convert = converterOf(name);
  if (out === undefined || !/\.csv$/i.test(out)) throw new UserError('say where the table goes: --out FILE.csv');
  await assertAllWritable(out);
  const { items, remarks } = await convert(folder, { boxes, officialSplit, progress, signal });
  await writeText(out, itemsCsv(items));
  const train = items.filter(({ split }) => split === 'train').length;
  return {
    file: out,
    items: items.length,
    train,
    validation: items.length - train,
    labels: new Set(items.map(({ label }) => label)).size,
    remarks,
  };
}

/** The outcome as text for people. */
export function convertText({ file, items, train, validation, labels, remarks }: ConvertOutcome): string {
  const [n, ofTrain, ofValidation, distinct] = [items, train, validation, labels].map(formatCount);
  return [`${n} items of ${distinct} labels in ${file} (train: ${ofTrain}, validation: ${ofValidation})`, ...remarks].join('\n');
}
