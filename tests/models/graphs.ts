import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Graph, type Node, onnxModel, type TensorType } from '../../src/runtime/onnx-graph.js';

/*
 * Pairwise models with a meaning that can be computed by hand: distance(x1, x2) = max |x1 - 2 x2| over all values of an item. The two orders differ.
 */

export interface PairGraph {
  /** Shape of an item. */
  readonly shape: readonly (number | string)[];
  readonly type?: TensorType;
  /** The batch as the model declares it. */
  readonly batch?: number | string;
  /** [batch, 1] instead of [batch]. */
  readonly column?: boolean;
}

/** Two inputs of one shape, the query and the gallery item. */
export function pairGraph({ shape, type = 'float32', batch = 'batch', column = false }: PairGraph): Graph {
  const axes = BigInt64Array.from(shape, (_, i) => BigInt(i + 1));
  const nodes: Node[] = [
    { type: 'Add', inputs: ['x2', 'x2'], outputs: ['twice'] },
    { type: 'Sub', inputs: ['x1', 'twice'], outputs: ['signed'] },
    { type: 'Abs', inputs: ['signed'], outputs: ['gaps'] },
    { type: 'ReduceMax', inputs: ['gaps', 'axes'], outputs: column ? ['kept'] : ['distance'], attributes: { keepdims: 0 } },
    ...(column ? [{ type: 'Unsqueeze', inputs: ['kept', 'last'], outputs: ['distance'] }] : []),
  ];
  const last = { name: 'last', values: BigInt64Array.of(1n) };
  return {
    nodes,
    constants: [{ name: 'axes', values: axes }, ...(column ? [last] : [])],
    inputs: ['x1', 'x2'].map((name) => ({ name, type, dims: [batch, ...shape] })),
    outputs: [{ name: 'distance', type, dims: column ? [batch, 1] : [batch] }],
  };
}

/** What `pairGraph` computes. */
export function pairDistance(x1: ArrayLike<number>, x2: ArrayLike<number>): number {
  return Math.max(...Array.from(x1, (x, i) => Math.abs(x - 2 * x2[i])));
}

/** Embeddings whose distance is the root of the largest x1 - x2: no number where that is negative. */
export function nanGraph(dim: number): Graph {
  return {
    ...pairGraph({ shape: [dim] }),
    nodes: [
      { type: 'Sub', inputs: ['x1', 'x2'], outputs: ['signed'] },
      { type: 'ReduceMax', inputs: ['signed', 'axes'], outputs: ['most'], attributes: { keepdims: 0 } },
      { type: 'Sqrt', inputs: ['most'], outputs: ['distance'] },
    ],
  };
}

/** OML's form: one input [batch, 1, 2 * height, width], a logit out: the largest value of the upper picture less that of the lower one. */
export function concatGraph(height: number, width: number): Graph {
  return {
    nodes: [
      { type: 'Slice', inputs: ['x', 'zero', 'middle', 'axis'], outputs: ['upper'] },
      { type: 'Slice', inputs: ['x', 'middle', 'end', 'axis'], outputs: ['lower'] },
      { type: 'ReduceMax', inputs: ['upper', 'axes'], outputs: ['a'], attributes: { keepdims: 0 } },
      { type: 'ReduceMax', inputs: ['lower', 'axes'], outputs: ['b'], attributes: { keepdims: 0 } },
      { type: 'Sub', inputs: ['a', 'b'], outputs: ['difference'] },
      { type: 'Unsqueeze', inputs: ['difference', 'one'], outputs: ['logit'] },
    ],
    constants: Object.entries({ zero: [0], middle: [height], end: [2 * height], axis: [2], axes: [1, 2, 3], one: [1] }).map(
      ([name, values]) => ({
        name,
        values: BigInt64Array.from(values, BigInt),
      }),
    ),
    inputs: [{ name: 'x', type: 'float32', dims: ['batch', 1, 2 * height, width] }],
    outputs: [{ name: 'logit', type: 'float32', dims: ['batch', 1] }],
  };
}

/** Writes a model; its path. */
export function writeModel(folder: string, name: string, graph: Graph): string {
  const file = join(folder, name);
  writeFileSync(file, onnxModel(graph));
  return file;
}
