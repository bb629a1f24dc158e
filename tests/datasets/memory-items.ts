import { type Vector, vectorFromArray } from 'apache-arrow';
import { type ItemPlaces, type ItemTable, itemTable } from '../../src/datasets/index.js';

/** A table of items made by hand; arrays become columns of what they hold. */
export function itemsOf(columns: Readonly<Record<string, readonly unknown[] | Vector>>, source = 'items.csv'): ItemTable {
  const entries = Object.entries(columns).map(([name, values]) => [
    name,
    Array.isArray(values) ? vectorFromArray(values) : (values as Vector),
  ]);
  return itemTable(source, Object.fromEntries(entries));
}

/** A model that takes one input of this shape. */
export function placesOf(root: string, shape: readonly (number | string)[], type = 'float32'): ItemPlaces {
  return { root, modelFolder: root, model: 'm.onnx', inputs: [{ name: 'input', type, shape }] };
}
