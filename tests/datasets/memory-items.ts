import { type ItemPlaces, type ItemTable, itemsFrom, type PlainColumns } from '../../src/datasets/index.js';

/** A table of items made by hand. */
export function itemsOf(columns: PlainColumns, source = 'items.csv'): ItemTable {
  return itemsFrom(columns, source);
}

/** A model that takes one input of this shape. */
export function placesOf(root: string, shape: readonly (number | string)[], type = 'float32'): ItemPlaces {
  return { root, modelFolder: root, model: 'm.onnx', inputs: [{ name: 'input', type, shape }] };
}
