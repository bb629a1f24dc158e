import { type Constant, type Node, onnxModel, TYPES } from '../runtime/onnx-graph.js';

/** Names of the initializers, which are passed as external data. */
export const GALLERY_DATA = 'gallery';
export const BIAS_DATA = 'bias';

export interface TopKGraph {
  /** Gallery rows. */
  readonly rows: number;
  readonly dim: number;
  /** Factor of the dot product: -2 for squared distances, -1 for similarities. */
  readonly alpha: number;
  /** Rows of a group, for devices that sort all scores to find a few; absent: TopK over all. */
  readonly group?: number;
}

/**
 * The fast pass in float32:
 *   scores = alpha * queries @ gallery^T + bias      Gemm; gallery and bias are initializers, so that ONNX Runtime prepacks the gallery once
 *   ids = int32(TopK(scores, k, smallest))           unsorted: the candidates are re-scored and sorted afterwards
 * Inputs `queries` float32 [batch, dim] and `k` int64 [1], outputs `values` float32 and `ids` int32 [batch, k].
 */
export function topKGraph({ rows, dim, alpha, group }: TopKGraph): Uint8Array {
  const selection = group === undefined ? { nodes: ofAll, constants: [] } : ofGroups(rows, group);
  return onnxModel({
    nodes: [
      {
        type: 'Gemm',
        inputs: ['queries', GALLERY_DATA, BIAS_DATA],
        outputs: ['scores'],
        attributes: { alpha: { float: alpha }, transB: 1 },
      },
      ...selection.nodes,
      { type: 'Cast', inputs: ['rows'], outputs: ['ids'], attributes: { to: TYPES.int32 } },
    ],
    constants: selection.constants,
    external: [
      { name: GALLERY_DATA, type: 'float32', dims: [rows, dim] },
      { name: BIAS_DATA, type: 'float32', dims: [rows] },
    ],
    inputs: [
      { name: 'queries', type: 'float32', dims: ['batch', dim] },
      { name: 'k', type: 'int64', dims: [1] },
    ],
    outputs: [
      { name: 'values', type: 'float32', dims: ['batch', 'candidates'] },
      { name: 'ids', type: 'int32', dims: ['batch', 'candidates'] },
    ],
  });
}

/** The smallest k along the last axis, in any order. */
function topK(from: string, k: string, values: string, positions: string): Node {
  return { type: 'TopK', inputs: [from, k], outputs: [values, positions], attributes: { largest: 0, sorted: 0 } };
}

const ofAll: readonly Node[] = [topK('scores', 'k', 'values', 'rows')];

/**
 * The same scores by way of groups of neighbouring rows: the k smallest scores of all stand in the k groups with the smallest minima, for each of
 * these groups holds a score that is no greater than any score of another group. Only the positions are computed on the CPU (int64), k of them.
 */
function ofGroups(rows: number, group: number): { nodes: readonly Node[]; constants: readonly Constant[] } {
  const groups = Math.ceil(rows / group);
  const missing = groups * group - rows;
  const int64 = (name: string, ...values: number[]): Constant => ({ name, values: BigInt64Array.from(values, BigInt) });
  return {
    nodes: [
      { type: 'Pad', inputs: ['scores', 'padding', 'largest'], outputs: ['padded'] },
      { type: 'Reshape', inputs: ['padded', 'grouped shape'], outputs: ['grouped'] },
      { type: 'ReduceMin', inputs: ['grouped', 'last axis'], outputs: ['minima'], attributes: { keepdims: 0 } },
      { type: 'Min', inputs: ['k', 'groups'], outputs: ['k groups'] },
      topK('minima', 'k groups', 'nearest minima', 'nearest groups'),
      { type: 'Unsqueeze', inputs: ['nearest groups', 'last axis'], outputs: ['group indices'] },
      { type: 'GatherND', inputs: ['grouped', 'group indices'], outputs: ['gathered'], attributes: { batch_dims: 1 } },
      { type: 'Reshape', inputs: ['gathered', 'flat shape'], outputs: ['flat'] },
      topK('flat', 'k', 'values', 'positions'),
      { type: 'Div', inputs: ['positions', 'group'], outputs: ['which'] },
      { type: 'Mod', inputs: ['positions', 'group'], outputs: ['within'] },
      { type: 'GatherElements', inputs: ['nearest groups', 'which'], outputs: ['own group'], attributes: { axis: 1 } },
      { type: 'Mul', inputs: ['own group', 'group'], outputs: ['first row'] },
      { type: 'Add', inputs: ['first row', 'within'], outputs: ['rows'] },
    ],
    constants: [
      int64('padding', 0, 0, 0, missing),
      { name: 'largest', values: Float32Array.of(3.4028234663852886e38), dims: [] },
      int64('grouped shape', 0, groups, group),
      int64('last axis', -1),
      int64('groups', groups),
      int64('flat shape', 0, -1),
      int64('group', group),
    ],
  };
}
