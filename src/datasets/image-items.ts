import { resolve } from 'node:path';
import type { Columns } from '../data/columns.js';
import type { ItemTensors } from '../data/context.js';
import { UserError } from '../data/errors.js';
import type { JsonObject } from '../data/json.js';
import { refuseMisfit, transformedShape } from '../models/transforms/index.js';
import { BOX_COLUMNS, boxAt } from './image/boxes.js';
import { parseImageOptions } from './image/options.js';
import { askPictureThread } from './image/threads.js';

/** The columns that pictures are found by; those of a box may be missing. */
export const IMAGE_COLUMNS = ['path', ...BOX_COLUMNS] as const;

export interface ImageItemOptions {
  /** What the model takes, [channels, height, width]; a text is a side that it leaves open. */
  readonly shape: readonly (number | string)[];
  /**
   * `input` of the model's description, as `imageDataset` takes it. By default pictures are scaled to the model's height and width without keeping their
   * proportions, gray for one channel, RGB for three, values 0 to 1, transparent ones on white.
   */
  readonly input?: JsonObject;
  /** Folder that relative paths start from. */
  readonly root: string;
  /** For messages. */
  readonly model: string;
}

/**
 * The pictures of queries and gallery as the tensors of a pairwise model, loaded as `imageDataset` loads them.
 * @param gallery its column `path`, and those of its boxes; queries have theirs in their batch, or among the columns of the results
 * @throws UserError for options or a shape that make no pictures; while loading, naming query or gallery item, for one that cannot be read
 */
export function imageItems(gallery: Columns, { shape: wanted, input, root, model }: ImageItemOptions): ItemTensors {
  const options = parseImageOptions(input ?? scaledTo(wanted, model), model);
  const made = transformedShape(options.transform);
  refuseMisfit(made, wanted, model);
  const shape = wanted.map((side, i) => (typeof side === 'number' ? side : made[i])).filter((side) => typeof side === 'number');
  if (shape.length !== 3) {
    throw new UserError(`${model} leaves the size of its pictures open; add a resize to one size, [height, width], to its transform`);
  }
  const load = async (columns: Columns, row: number, what: string): Promise<Float32Array> => {
    const path: unknown = columns.path?.get(row);
    if (typeof path !== 'string') throw new UserError(`${what} has no picture: its path is missing`);
    try {
      const request = { path: resolve(root, path), box: boxAt(columns, row), options, type: 'float32' } as const;
      const tensor = await askPictureThread('load', request);
      refuseMisfit(tensor.shape, shape, model);
      return tensor.data as Float32Array;
    } catch (error) {
      throw error instanceof UserError ? new UserError(`${what}: ${path}: ${error.message}`) : error;
    }
  };
  return {
    shape,
    query: ({ queries, columns, rows }, position) =>
      load(queries?.columns.path ? queries.columns : columns, position, `query ${rows[position]}`),
    gallery: (row) => load(gallery, row, `gallery item ${row}`),
  };
}

/** @throws UserError for a shape that pictures do not have */
function scaledTo(shape: readonly (number | string)[], model: string): JsonObject {
  const sides = shape.filter((side) => typeof side === 'number');
  const [channels, height, width] = sides;
  if (shape.length !== 3 || sides.length !== 3 || (channels !== 1 && channels !== 3)) {
    throw new UserError(
      `${model}: pictures are [1, height, width] or [3, height, width] with sides that are known, not [${shape.join(', ')}]`,
    );
  }
  return { transform: [{ channels: channels === 1 ? 'gray' : 'rgb' }, { resize: { size: [height, width] } }] };
}
