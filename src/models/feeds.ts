import { UserError } from '../data/errors.js';
import type { Tensor, TensorInfo } from '../runtime/onnx-session.js';
import { toFloat16 } from './float16.js';
import { described } from './tensor-info.js';

/** Inputs of a model by their names; one without a name of its own is `input`, and goes to a model's only input. */
export type Feeds = Readonly<Record<string, Tensor>>;

/**
 * Feeds as the inputs of a model want them: `input` under the name of the only input, float32 as float16 and int64 as int32 (or back) where the model
 * takes those.
 * @returns the feeds, and the items in them
 * @throws UserError naming the model, its inputs and what it was given: inputs that are missing or too many, another type, rank or side, feeds of unequal batches
 */
export function fitFeeds(model: string, inputs: readonly TensorInfo[], given: Feeds): { feeds: Record<string, Tensor>; rows: number } {
  const named = inputs.length === 1 && given.input && !given[inputs[0].name] ? { [inputs[0].name]: given.input } : given;
  const names = Object.keys(named);
  if (names.length !== inputs.length || inputs.some(({ name }) => !named[name])) {
    const are = inputs.map(described).join(', ');
    throw new UserError(`${model}: the model has the input${inputs.length === 1 ? '' : 's'} ${are}, but items give ${names.join(', ')}`);
  }
  const rows = named[inputs[0].name].dims[0];
  const feeds = inputs.map((input) => {
    const tensor = named[input.name];
    if (!fits(tensor, input) || tensor.dims[0] !== rows) {
      throw new UserError(
        `${model}: the model takes ${described(input)}, but items give ${described({ ...tensor, name: input.name, shape: tensor.dims })}`,
      );
    }
    return [input.name, converted(tensor, input.type)];
  });
  return { feeds: Object.fromEntries(feeds), rows };
}

/** Types that stand for each other. */
const ALIKE = [
  ['float32', 'float16'],
  ['int64', 'int32'],
];

function fits({ type, dims }: Tensor, input: TensorInfo): boolean {
  if (type !== input.type && !ALIKE.some((types) => types.includes(type) && types.includes(input.type))) return false;
  // The batch is the first side: one that is fixed is filled up.
  return dims.length === input.shape.length && input.shape.every((side, i) => i === 0 || typeof side === 'string' || side === dims[i]);
}

function converted({ type, data, dims }: Tensor, wanted: string): Tensor {
  // What goes to another thread goes with all of its buffer.
  if (type === wanted) return { type, data: data.byteLength === data.buffer.byteLength ? data : data.slice(), dims };
  if (wanted === 'float16') return { type: 'float16', data: toFloat16(data as Float32Array), dims };
  if (wanted === 'int32') return { type: 'int32', data: Int32Array.from(data as BigInt64Array, Number), dims };
  if (wanted === 'int64') return { type: 'int64', data: BigInt64Array.from(data as Int32Array, BigInt), dims };
  throw new Error(`${type} cannot become ${wanted}`);
}
