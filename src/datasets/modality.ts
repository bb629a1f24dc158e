import type { JsonObject } from '../data/json.js';
import type { TensorInfo } from '../runtime/onnx-session.js';
import type { Dataset } from './dataset.js';
import type { ItemTable } from './item-table.js';

/** What a dataset is opened with, beside its items and its options. */
export interface ItemPlaces {
  /** Folder that relative paths of items start from. */
  readonly root: string;
  /** Folder of the model, where files that belong to it stand (a tokenizer). */
  readonly modelFolder: string;
  /** The inputs of the model, so that a preparation that does not fit is found out before the first item. */
  readonly inputs: readonly TensorInfo[];
  /** For messages: the model. */
  readonly model: string;
}

/** A kind of items: how they become a dataset. */
export interface Modality {
  readonly name: string;
  /**
   * @param options `input` of the model's description
   * @throws UserError for options that are unknown or wrong, for columns that the table lacks, and for what does not fit the model
   */
  open(items: ItemTable, options: JsonObject, places: ItemPlaces): Promise<Dataset>;
}
