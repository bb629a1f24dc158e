import type { Graph, TensorType, Value } from '../../src/runtime/onnx-graph.js';
import { tokenGraph } from './text-graphs.js';

/* Models with a meaning that can be computed by hand. */

export interface VectorGraph {
  /** Sides of one item. */
  readonly shape?: readonly (number | string)[];
  readonly batch?: number | string;
  readonly type?: TensorType;
  /** Name of the input. */
  readonly input?: string;
}

function value(name: string, { shape = [3], batch = 'batch', type = 'float32' }: VectorGraph): Value {
  return { name, type, dims: [batch, ...shape] };
}

/** y = 2 x. */
export function doubling(graph: VectorGraph = {}): Graph {
  const { input = 'x' } = graph;
  const nodes = [{ type: 'Add', inputs: [input, input], outputs: ['y'] }];
  return { nodes, inputs: [value(input, graph)], outputs: [value('y', graph)] };
}

/** y = sqrt(x): NaN where x is negative. */
export function root(graph: VectorGraph = {}): Graph {
  return { ...doubling(graph), nodes: [{ type: 'Sqrt', inputs: ['x'], outputs: ['y'] }] };
}

/** y = x less the largest of its batch: an embedding depends on what else is in the batch. */
export function relative(graph: VectorGraph = {}): Graph {
  return {
    ...doubling(graph),
    nodes: [
      { type: 'ReduceMax', inputs: ['x', 'first'], outputs: ['most'] },
      { type: 'Sub', inputs: ['x', 'most'], outputs: ['y'] },
    ],
    constants: [{ name: 'first', values: BigInt64Array.of(0n) }],
  };
}

/** Two outputs: y = 2 x and z = |x|. */
export function twoOutputs(graph: VectorGraph = {}): Graph {
  const { nodes, inputs, outputs } = doubling(graph);
  return { inputs, nodes: [...nodes, { type: 'Abs', inputs: ['x'], outputs: ['z'] }], outputs: [...outputs, value('z', graph)] };
}

/** A layer of an MLP as a head: max(0, x w^T), w passed as a constant column by column. */
export function positive(dim: number): Graph {
  const graph = { shape: [dim] };
  return { ...doubling(graph), nodes: [{ type: 'Relu', inputs: ['x'], outputs: ['y'] }] };
}

/** Tokens with a mask: y = x, [batch, tokens, 2]; the mask is an input that the graph does not need but has. */
export function tokens(): Graph {
  return {
    nodes: [
      { type: 'Unsqueeze', inputs: ['attention_mask', 'last'], outputs: ['column'] },
      { type: 'Cast', inputs: ['column'], outputs: ['number'], attributes: { to: 1 } },
      { type: 'Sub', inputs: ['number', 'number'], outputs: ['nothing'] },
      { type: 'Add', inputs: ['x', 'nothing'], outputs: ['y'] },
    ],
    constants: [{ name: 'last', values: BigInt64Array.of(-1n) }],
    inputs: [
      { name: 'x', type: 'float32', dims: ['batch', 'tokens', 2] },
      { name: 'attention_mask', type: 'int64', dims: ['batch', 'tokens'] },
    ],
    outputs: [{ name: 'y', type: 'float32', dims: ['batch', 'tokens', 2] }],
  };
}

/** The mean colour of pictures [3, side, side]. */
export function meanColour(side: number): Graph {
  return { ...meanOver([2n, 3n]), inputs: [value('x', { shape: [3, side, side] })], outputs: [value('y', { shape: [3] })] };
}

/** Vectors of tokens that the graph pools itself, without a mask: [batch, dim]. */
export function pooledTokens(dim: number): Graph {
  const { nodes, constants = [], inputs, outputs } = tokenGraph(dim);
  const mean = meanOver([1n]);
  const pooling = mean.nodes.map((node) => ({ ...node, inputs: [outputs[0].name, 'axes'] }));
  return { nodes: [...nodes, ...pooling], constants: [...constants, ...mean.constants], inputs, outputs: [value('y', { shape: [dim] })] };
}

function meanOver(axes: readonly bigint[]) {
  return {
    nodes: [{ type: 'ReduceMean', inputs: ['x', 'axes'], outputs: ['y'], attributes: { keepdims: 0 } }],
    constants: [{ name: 'axes', values: BigInt64Array.from(axes) }],
  };
}
