import type { Columns } from '../data/columns.js';
import type { ItemTensors } from '../data/context.js';
import { UserError } from '../data/errors.js';
import type { RetrievalResults } from '../data/retrieval-results.js';
import { fromFloat16 } from '../models/float16.js';
import type { ItemModel } from '../models/pairwise-model.js';
import type { Dataset } from './dataset.js';
import { BOX } from './format.js';
import { itemTable } from './item-table.js';
import { modalityOf } from './registry.js';

/** Columns of which pictures are made. */
export const PICTURE_COLUMNS = ['path', ...BOX] as const;

/**
 * The pictures of queries and gallery as a pairwise model takes them, made as its description says; where it has none, they are scaled to the model's height
 * and width, gray for one channel, RGB for three, with values 0 to 1.
 * @param shape of one item as the model takes it, [channels, height, width]
 * @param gallery columns of the gallery: `path`, and a box where there is one; queries have theirs in their batch, or among the columns of the results
 * @param root folder that relative paths start from
 * @throws UserError for a description that does not fit the model, and another modality; while loading, naming the item that cannot be read
 */
export async function itemTensors(
  model: ItemModel,
  shape: readonly (number | string)[],
  gallery: Columns,
  root: string,
): Promise<ItemTensors> {
  const { modality, input } = model.spec ?? plainPictures(shape);
  // A batch of queries has a dataset of its own, which for sounds would be threads of its own.
  if (modality !== 'image') throw new UserError(`${model.name}: compares items of the modality ${modality}; only pictures are compared`);
  const inputs = [{ name: 'item', type: 'float32', shape: ['batch', ...shape] }];
  const open = (columns: Columns, source: string) => {
    const own = PICTURE_COLUMNS.flatMap((name) => (columns[name] ? [[name, columns[name]] as const] : []));
    const places = { root, modelFolder: model.folder, inputs, model: model.name };
    return modalityOf(modality).open(itemTable(source, Object.fromEntries(own)), input, places);
  };
  const items = await open(gallery, 'the gallery');
  const batches = new WeakMap<RetrievalResults, Promise<Dataset>>();
  const queries = (rr: RetrievalResults) => {
    const known = batches.get(rr) ?? open({ ...rr.columns, ...rr.queries?.columns }, 'the queries');
    batches.set(rr, known);
    return known;
  };
  return {
    shape: shape as number[],
    query: async (rr, position) => load(await queries(rr), position),
    gallery: (row) => load(items, row),
  };
}

async function load(dataset: Dataset, row: number): Promise<Float32Array> {
  const [tensor] = Object.values(dataset.collate([await dataset.load(row)]));
  return tensor.type === 'float16' ? fromFloat16(tensor.data as Uint16Array) : (tensor.data as Float32Array);
}

function plainPictures([channels, height, width]: readonly (number | string)[]): NonNullable<ItemModel['spec']> {
  const gray = channels === 1 ? [{ channels: 'gray' }] : [];
  return { modality: 'image', input: { transform: [{ resize: { size: [height, width] } }, ...gray] } };
}
