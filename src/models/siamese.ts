import { basename } from 'node:path';
import type { Context, ItemTensors } from '../data/context.js';
import { UserError } from '../data/errors.js';
import { type Device, resolveDevice } from '../runtime/devices.js';
import { OnnxSession, type Tensor, type TensorInfo } from '../runtime/onnx-session.js';
import { cachedItems } from './cached-items.js';
import { fromFloat16, toFloat16 } from './float16.js';
import { embeddingSides, itemSides, type PairSides } from './pair-sides.js';
import { type Pairs, type PairwiseModel, shapeFits } from './pairwise-model.js';

export interface SiameseOptions {
  /** Pairs in one run of the model (default 32 on a CPU, whose caches hold what so many make, and 64 on other devices). */
  readonly batchSize?: number;
  /** Averages both orders of each pair (OML's `use_tta`); default: query first, gallery item second. */
  readonly bothOrders?: boolean;
  /** Where it runs (default `cpu`); see `resolveDevice`. */
  readonly device?: 'auto' | Device;
  readonly threads?: number;
}

/** Pairs are prepared while so many runs before them are under way. */
const RUNS_AHEAD = 2;

/**
 * A pairwise model as an ONNX file, in one of two forms:
 * - two inputs of one shape, [batch, ...], the query and the gallery item, and one output [batch] or [batch, 1], the distance;
 * - OML's ConcatSiamese: one input [batch, channels, 2 * height, width], the query's picture above the gallery item's, and one output, a logit, whose
 *   sigmoid is the distance.
 *
 * Inputs [batch, dim] are embeddings, all others items. float32 or float16. Pairs are batched across queries, and only the last batch may be smaller,
 * so that the model must leave the size of its batch open.
 * @throws UserError for a model of another form, with the names and shapes found; in `distances`, when it fails, or answers with another shape
 */
export async function openSiamese(file: string, options: SiameseOptions = {}): Promise<PairwiseModel> {
  const { bothOrders = false, threads } = options;
  const device = await resolveDevice(options.device ?? 'cpu');
  const { batchSize = device === 'cpu' ? 32 : 64 } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new UserError(`${file}: the batch size must be a positive integer, not ${batchSize}`);
  const session = await openModel(file, { device, threads });
  const form = formOf(session);
  if (!form) {
    const found = `inputs ${session.inputs.map(described)} and outputs ${session.outputs.map(described)}`;
    await session.close();
    throw new UserError(
      `${file}: a pairwise model has two inputs of one shape [batch, ...] (or one, of two pictures) and one output [batch], of any batch, not ${found}`,
    );
  }
  const caches = new WeakMap<ItemTensors, ItemTensors>();
  const cached = (items: ItemTensors) => {
    const known = caches.get(items) ?? cachedItems(items);
    caches.set(items, known);
    return known;
  };
  const vectors = form.shape.length === 1;
  return {
    name: basename(file),
    needs: vectors ? ['queries', 'gallery'] : ['items'],
    itemShape: form.shape,
    async distances(pairs: Pairs, context: Context) {
      const sides = vectors ? embeddingSides(file, pairs, context) : itemSides(file, pairs, context.items && cached(context.items));
      if (!shapeFits(sides.shape, form.shape)) {
        throw new UserError(`${file}: the model takes items of shape [${form.shape}], but these are [${sides.shape}]`);
      }
      const total = pairs.rows.length;
      const out = new Float32Array(total);
      const running: Promise<void>[] = [];
      for (let start = 0; start < total; start += batchSize) {
        const end = Math.min(total, start + batchSize);
        const [first, second] = await gather(sides, start, end);
        if (running.length === RUNS_AHEAD) await running.shift();
        const run = runBoth(session, form, [first, second], sides.shape, bothOrders).then(
          (values) => {
            out.set(values, start);
            context.onPairs?.(end - start);
          },
          (error: Error) => {
            throw new UserError(`${file}: ${error.message}`);
          },
        );
        // Awaited later: until then a failure must not count as unhandled.
        run.catch(() => {});
        running.push(run);
      }
      await Promise.all(running);
      return out;
    },
    close: () => session.close(),
  };
}

async function openModel(file: string, options: { device?: Device; threads?: number }): Promise<OnnxSession> {
  try {
    return await OnnxSession.open(file, options);
  } catch (error) {
    throw new UserError(`${file}: ${(error as Error).message}`);
  }
}

interface Form {
  /** Shape of one item; a text is a side that the model leaves open. */
  readonly shape: readonly (number | string)[];
  readonly inputs: readonly TensorInfo[];
  readonly output: string;
  /** One input holds both items, one above the other. */
  readonly concat: boolean;
}

const FLOATS = ['float32', 'float16'];

function formOf({ inputs, outputs }: OnnxSession): Form | undefined {
  const [output] = outputs;
  const [a, b] = inputs;
  if (inputs.length === 0 || outputs.length !== 1) return undefined;
  const open = [...inputs, ...outputs].every(({ type, shape: [batch] }) => FLOATS.includes(type) && typeof batch === 'string');
  if (!open || !(output.shape.length === 1 || (output.shape.length === 2 && output.shape[1] === 1))) return undefined;
  const both = { inputs, output: output.name };
  if (inputs.length === 2 && a.type === b.type && a.shape.length > 1 && String(a.shape.slice(1)) === String(b.shape.slice(1))) {
    return { ...both, shape: a.shape.slice(1), concat: false };
  }
  const [, channels, height, width] = a.shape;
  if (inputs.length !== 1 || a.shape.length !== 4 || typeof height !== 'number' || height % 2 !== 0) return undefined;
  return { ...both, shape: [channels, height / 2, width], concat: true };
}

function described({ name, type, shape }: TensorInfo): string {
  return `${name} ${type} [${shape.join(', ')}]`;
}

/** The items of pairs [start, end), query by query and gallery item by gallery item. */
async function gather(sides: PairSides, start: number, end: number): Promise<[Float32Array, Float32Array]> {
  const size = sides.shape.reduce((product, side) => product * side, 1);
  const side = async (item: (pair: number) => Promise<Float32Array> | Float32Array) => {
    const values = new Float32Array((end - start) * size);
    const loaded = await Promise.all(Array.from({ length: end - start }, (_, i) => item(start + i)));
    loaded.forEach((one, i) => {
      if (one.length !== size) throw new Error(`an item of ${one.length} values where its shape [${sides.shape}] says ${size}`);
      values.set(one, i * size);
    });
    return values;
  };
  return Promise.all([side(sides.query), side(sides.gallery)]);
}

async function runBoth(
  session: OnnxSession,
  form: Form,
  [first, second]: readonly [Float32Array, Float32Array],
  shape: readonly number[],
  bothOrders: boolean,
): Promise<Float32Array> {
  const there = await run(session, form, [first, second], shape, !bothOrders);
  if (!bothOrders) return there;
  const back = await run(session, form, [second, first], shape, true);
  return there.map((value, i) => (value + back[i]) / 2);
}

async function run(
  session: OnnxSession,
  { inputs, output, concat }: Form,
  [first, second]: readonly [Float32Array, Float32Array],
  shape: readonly number[],
  handOver: boolean,
): Promise<Float32Array> {
  const rows = first.length / shape.reduce((product, side) => product * side, 1);
  const tensor = (data: Float32Array, dims: readonly number[]): Tensor =>
    inputs[0].type === 'float16' ? { type: 'float16', data: toFloat16(data), dims } : { type: 'float32', data, dims };
  const feeds = concat
    ? { [inputs[0].name]: tensor(stacked(first, second, shape, rows), [rows, shape[0], 2 * shape[1], shape[2]]) }
    : { [inputs[0].name]: tensor(first, [rows, ...shape]), [inputs[1].name]: tensor(second, [rows, ...shape]) };
  const { type, data } = (await session.run(feeds, [output], handOver))[output];
  const values = type === 'float16' ? fromFloat16(data as Uint16Array) : (data as Float32Array);
  if (values.length !== rows)
    throw new Error(`${output} has ${values.length} values for ${rows} pairs; a pairwise model gives one for each`);
  return concat ? values.map((logit) => 1 / (1 + Math.exp(-logit))) : values;
}

/** Pictures of pairs one above the other, channel by channel. */
function stacked(first: Float32Array, second: Float32Array, [channels, height, width]: readonly number[], rows: number): Float32Array {
  const plane = height * width;
  const out = new Float32Array(2 * rows * channels * plane);
  for (let p = 0; p < rows * channels; p++) {
    out.set(first.subarray(p * plane, (p + 1) * plane), 2 * p * plane);
    out.set(second.subarray(p * plane, (p + 1) * plane), (2 * p + 1) * plane);
  }
  return out;
}
