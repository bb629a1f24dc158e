import { Table, type Vector, vectorFromArray } from 'apache-arrow';
import type { ItemPlaces, ItemTable } from '../../src/datasets/index.js';

/** A table of items made by hand; arrays become columns of what they hold. */
export function itemsOf(columns: Readonly<Record<string, readonly unknown[] | Vector>>, source = 'items.csv'): ItemTable {
  const entries = Object.entries(columns).map(([name, values]) => [
    name,
    Array.isArray(values) ? vectorFromArray(values) : (values as Vector),
  ]);
  const vectors: Record<string, Vector> = Object.fromEntries(entries);
  const table = new Table(vectors);
  return { source, size: table.numRows, columns: vectors, table };
}

/** A model that takes one input of this shape. */
export function placesOf(root: string, shape: readonly (number | string)[], type = 'float32'): ItemPlaces {
  return { root, modelFolder: root, model: 'm.onnx', inputs: [{ name: 'input', type, shape }] };
}
