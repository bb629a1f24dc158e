import { createHash } from 'node:crypto';
import { z } from 'zod';
import { UserError } from '../data/errors.js';
import type { JsonObject } from '../data/json.js';
import { fromFloat16 } from '../models/float16.js';
import { parseInputOptions } from '../models/parse-options.js';
import { described } from '../models/tensor-info.js';
import { arrayInput, inputTakes, itemBytes, stack } from './array-input.js';
import type { Dataset } from './dataset.js';
import type { ItemTable } from './item-table.js';
import type { ItemPlaces, Modality } from './modality.js';
import { type StoredArray, storedArrays } from './stored-arrays.js';

const schema = z.strictObject({ file: z.string('must be the path of an npy file').optional() });

/** The types of numpy that are read, as float32. */
const FLOATS: Readonly<Record<string, (buffer: ArrayBuffer) => Float32Array>> = {
  '<f2': (buffer) => fromFloat16(new Uint16Array(buffer)),
  '<f4': (buffer) => new Float32Array(buffer),
  '<f8': (buffer) => Float32Array.from(new Float64Array(buffer)),
  '|b1': (buffer) => Float32Array.from(new Uint8Array(buffer)),
  '|i1': (buffer) => Float32Array.from(new Int8Array(buffer)),
  '|u1': (buffer) => Float32Array.from(new Uint8Array(buffer)),
  '<i2': (buffer) => Float32Array.from(new Int16Array(buffer)),
  '<u2': (buffer) => Float32Array.from(new Uint16Array(buffer)),
  '<i4': (buffer) => Float32Array.from(new Int32Array(buffer)),
  '<u4': (buffer) => Float32Array.from(new Uint32Array(buffer)),
  '<i8': (buffer) => Float32Array.from(new BigInt64Array(buffer), Number),
  '<u8': (buffer) => Float32Array.from(new BigUint64Array(buffer), Number),
};

/** One item, row-major. */
export interface TensorItem {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/**
 * Arrays that were made elsewhere, as numpy.save writes them: integers, booleans or floats, converted to float32. Each row's `path` is the npy file of one
 * item, of the shape that the model takes, without the batch; or, with the option `file`, all items are one npy file (a path from the root), whose first
 * axis is the rows of the table. NaN and infinity are refused.
 */
export const tensor: Modality = { name: 'tensor', open: tensorDataset };

/** As `tensor.open`. */
export async function tensorDataset(items: ItemTable, options: JsonObject, places: ItemPlaces): Promise<Dataset<TensorItem>> {
  const input = arrayInput(places);
  const { file } = parseInputOptions(schema, options, places.model);
  const stored = await storedArrays(items, places.root, file);
  const checked = ({ type, shape, bytes }: StoredArray): TensorItem => {
    if (!inputTakes(input, shape))
      throw new UserError(`an array of shape [${shape.join(', ')}], where the model takes ${described(input)}`);
    const read = FLOATS[type];
    if (!read) throw new UserError(`numbers of type '${type}'; there are ${Object.keys(FLOATS).join(', ')}`);
    const values = read(bytes);
    if (values.length === 0) throw new UserError(`an array of shape [${shape.join(', ')}] holds no numbers`);
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new UserError(`value ${bad} is ${values[bad]} as float32; give finite numbers`);
    return { values, shape };
  };
  return {
    modality: 'tensor',
    size: items.size,
    itemBytes: itemBytes(input, input.shape.slice(1)),
    preparation: {},
    load: (row) => stored.with(row, checked),
    collate(tensors) {
      const [{ shape }] = tensors;
      const other = tensors.find((one) => String(one.shape) !== String(shape));
      if (other) throw new UserError(`arrays of shapes [${shape.join(', ')}] and [${other.shape.join(', ')}] do not go into one batch`);
      return stack(
        input,
        tensors.map(({ values }) => values),
        shape,
      );
    },
    contentHash: (row) =>
      stored.with(row, ({ type, shape, bytes }) =>
        createHash('sha256')
          .update(JSON.stringify([type, shape]))
          .update(new Uint8Array(bytes))
          .digest('hex'),
      ),
    visualize: (row) => stored.with(row, (array) => summary(checked(array))),
    close: () => stored.close(),
  };
}

function summary({ values, shape }: TensorItem): string {
  const sum = values.reduce((total, value) => total + value, 0);
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  const digits = (value: number) => Number(value.toPrecision(4));
  return `<p>[${shape.join(', ')}] from ${digits(low)} to ${digits(high)}, mean ${digits(sum / values.length)}</p>`;
}
