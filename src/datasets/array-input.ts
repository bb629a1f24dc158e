import { UserError } from '../data/errors.js';
import { toFloat16 } from '../models/float16.js';
import { shapeFits } from '../models/pairwise-model.js';
import { described } from '../models/tensor-info.js';
import type { Tensor, TensorInfo } from '../runtime/onnx-session.js';
import type { Feeds } from './dataset.js';
import type { ItemPlaces } from './modality.js';

/** The input of a model that takes arrays of floats. @throws UserError for a model with several inputs, or with one of another type */
export function arrayInput({ inputs, model }: ItemPlaces): TensorInfo {
  const [input] = inputs;
  if (inputs.length === 1 && ['float32', 'float16'].includes(input.type) && input.shape.length > 1) return input;
  throw new UserError(`${model}: takes ${inputs.map(described).join(' and ')}, where one input is needed, float32 or float16 [batch, ...]`);
}

/** Whether items of this shape can be given to an input. */
export function inputTakes({ shape }: TensorInfo, item: readonly number[]): boolean {
  return shapeFits(item, shape.slice(1));
}

/** Bytes of an item of a shape, as an input takes it; undefined where the length of a side is not known. */
export function itemBytes({ type }: TensorInfo, shape: readonly (number | string)[]): number | undefined {
  let bytes = type === 'float16' ? 2 : 4;
  for (const side of shape) {
    if (typeof side !== 'number') return undefined;
    bytes *= side;
  }
  return bytes;
}

/** Items of one shape as one batch for an input. */
export function stack({ name, type }: TensorInfo, items: readonly Float32Array[], shape: readonly number[]): Feeds {
  const size = shape.reduce((product, side) => product * side, 1);
  const data = new Float32Array(items.length * size);
  items.forEach((item, i) => {
    data.set(item, i * size);
  });
  const dims = [items.length, ...shape];
  const tensor: Tensor = type === 'float16' ? { type: 'float16', data: toFloat16(data), dims } : { type: 'float32', data, dims };
  return { [name]: tensor };
}
