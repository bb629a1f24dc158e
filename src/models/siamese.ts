import { basename } from 'node:path';
import type { Context, ItemTensors } from '../data/context.js';
import { UserError } from '../data/errors.js';
import type { OnnxRunner } from '../runtime/onnx-lanes.js';
import type { Tensor, TensorInfo, Tensors } from '../runtime/onnx-session.js';
import { cachedItems } from './cached-items.js';
import { toFloat16 } from './float16.js';
import { readModelSpec } from './model-metadata.js';
import type { ModelSpec } from './model-spec.js';
import { batchOf, inRuns, isColumn, type PairOptions, runPairs, withModel } from './pair-runs.js';
import { embeddingSides, itemSides, type PairSides } from './pair-sides.js';
import { type Pairs, type PairwiseModel, shapeFits } from './pairwise-model.js';
import { isOpenFloat, listed } from './tensor-info.js';

/** Averaging both orders is OML's `use_tta`; default: query first, gallery item second. */
export interface SiameseOptions extends PairOptions {
  /** How it takes its items (default: what stands in the file or beside it). */
  readonly spec?: ModelSpec;
}

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
export function openSiamese(file: string, options: SiameseOptions = {}): Promise<PairwiseModel> {
  return withModel(file, options, (session) => siamese(file, session, options));
}

/** As `openSiamese`, of a model that is open. @throws UserError for a model of another form */
export async function siamese(file: string, session: OnnxRunner, options: SiameseOptions): Promise<PairwiseModel> {
  const form = formOf(session);
  if (!form) {
    const found = `inputs ${listed(session.inputs)} and outputs ${listed(session.outputs)}`;
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
  const spare = new Spare();
  const vectors = form.shape.length === 1;
  return {
    name: basename(file),
    needs: vectors ? ['queries', 'gallery'] : ['items'],
    itemShape: form.shape,
    ...(!vectors && { itemModel: { name: file, spec: options.spec ?? (await readModelSpec(file)) } }),
    async distances(pairs: Pairs, context: Context) {
      const sides = vectors ? embeddingSides(file, pairs, context) : itemSides(file, pairs, context.items && cached(context.items));
      if (!shapeFits(sides.shape, form.shape)) {
        throw new UserError(`${file}: the model takes items of shape [${form.shape}], but these are [${sides.shape}]`);
      }
      return inRuns(
        file,
        pairs.rows.length,
        { batchSize: batchOf(session, options), onPairs: context.onPairs },
        {
          prepare: (start, end) => gather(sides, start, end, spare),
          run: (both) => runBoth(session, form, both, sides.shape, options.bothOrders ?? false, spare),
        },
      );
    },
    close: () => session.close(),
  };
}

interface Form {
  /** Shape of one item; a text is a side that the model leaves open. */
  readonly shape: readonly (number | string)[];
  readonly inputs: readonly TensorInfo[];
  readonly output: string;
  /** One input holds both items, one above the other. */
  readonly concat: boolean;
}

function formOf({ inputs, outputs }: OnnxRunner): Form | undefined {
  const [output] = outputs;
  const [a, b] = inputs;
  if (inputs.length === 0 || outputs.length !== 1) return undefined;
  if (!inputs.every(isOpenFloat) || !isColumn(output)) return undefined;
  const both = { inputs, output: output.name };
  if (inputs.length === 2 && a.type === b.type && a.shape.length > 1 && String(a.shape.slice(1)) === String(b.shape.slice(1))) {
    return { ...both, shape: a.shape.slice(1), concat: false };
  }
  const [, channels, height, width] = a.shape;
  if (inputs.length !== 1 || a.shape.length !== 4 || typeof height !== 'number' || height % 2 !== 0) return undefined;
  return { ...both, shape: [channels, height / 2, width], concat: true };
}

/** Memory of pairs that have been run, for others: memory that is fresh takes as long to be made as to be filled. */
class Spare {
  readonly #free: Float32Array[] = [];

  take(length: number): Float32Array {
    const last = this.#free.pop();
    return last?.length === length ? last : new Float32Array(length);
  }

  give(feeds: Tensors): void {
    for (const { data } of Object.values(feeds)) this.#free.push(data as Float32Array);
  }
}

/** The items of pairs [start, end), query by query and gallery item by gallery item. */
async function gather(sides: PairSides, start: number, end: number, spare: Spare): Promise<[Float32Array, Float32Array]> {
  const size = sides.shape.reduce((product, side) => product * side, 1);
  const side = async (item: (pair: number) => Promise<Float32Array> | Float32Array) => {
    const loaded = await Promise.all(Array.from({ length: end - start }, (_, i) => item(start + i)));
    const values = spare.take((end - start) * size);
    loaded.forEach((one, i) => {
      if (one.length !== size) throw new Error(`an item of ${one.length} values where its shape [${sides.shape}] says ${size}`);
      values.set(one, i * size);
    });
    return values;
  };
  return Promise.all([side(sides.query), side(sides.gallery)]);
}

async function runBoth(
  session: OnnxRunner,
  form: Form,
  [first, second]: readonly [Float32Array, Float32Array],
  shape: readonly number[],
  bothOrders: boolean,
  spare: Spare,
): Promise<Float32Array> {
  const there = await run(session, form, [first, second], shape, bothOrders ? undefined : spare);
  if (!bothOrders) return there;
  const back = await run(session, form, [second, first], shape, spare);
  return there.map((value, i) => (value + back[i]) / 2);
}

async function run(
  session: OnnxRunner,
  { inputs, output, concat }: Form,
  [first, second]: readonly [Float32Array, Float32Array],
  shape: readonly number[],
  spare?: Spare,
): Promise<Float32Array> {
  const rows = first.length / shape.reduce((product, side) => product * side, 1);
  const tensor = (data: Float32Array, dims: readonly number[]): Tensor =>
    inputs[0].type === 'float16' ? { type: 'float16', data: toFloat16(data), dims } : { type: 'float32', data, dims };
  const feeds = concat
    ? { [inputs[0].name]: tensor(stacked(first, second, shape, rows), [rows, shape[0], 2 * shape[1], shape[2]]) }
    : { [inputs[0].name]: tensor(first, [rows, ...shape]), [inputs[1].name]: tensor(second, [rows, ...shape]) };
  // What was converted or stacked is of no use again.
  const again = !concat && inputs[0].type === 'float32';
  const back = spare && ((used: Tensors) => (again ? spare.give(used) : undefined));
  const values = await runPairs(session, feeds, output, rows, back);
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
