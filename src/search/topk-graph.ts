import { onnxModel, TYPES } from '../runtime/onnx-graph.js';

/** Names of the initializers, which are passed as external data. */
export const GALLERY_DATA = 'gallery';
export const BIAS_DATA = 'bias';

export interface TopKGraph {
  /** Gallery rows. */
  readonly rows: number;
  readonly dim: number;
  /** Factor of the dot product: -2 for squared distances, -1 for similarities. */
  readonly alpha: number;
}

/**
 * The fast pass in float32:
 *   scores = alpha * queries @ gallery^T + bias      Gemm; gallery and bias are initializers, so that ONNX Runtime prepacks the gallery once
 *   ids = int32(TopK(scores, k, smallest))           unsorted: the candidates are re-scored and sorted afterwards
 * Inputs `queries` float32 [batch, dim] and `k` int64 [1], outputs `values` float32 and `ids` int32 [batch, k].
 */
export function topKGraph({ rows, dim, alpha }: TopKGraph): Uint8Array {
  return onnxModel({
    nodes: [
      {
        type: 'Gemm',
        inputs: ['queries', GALLERY_DATA, BIAS_DATA],
        outputs: ['scores'],
        attributes: { alpha: { float: alpha }, transB: 1 },
      },
      { type: 'TopK', inputs: ['scores', 'k'], outputs: ['values', 'positions'], attributes: { largest: 0, sorted: 0 } },
      { type: 'Cast', inputs: ['positions'], outputs: ['ids'], attributes: { to: TYPES.int32 } },
    ],
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
