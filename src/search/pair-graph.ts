import { onnxModel } from '../runtime/onnx-graph.js';
import { BIAS_DATA, GALLERY_DATA, type TopKGraph } from './topk-graph.js';

/**
 * All products in float32: scores [batch, rows] = alpha * queries [batch, dim] @ gallery^T + bias. Gallery and bias are passed as external data under
 * the names of `topKGraph`.
 */
export function pairGraph({ rows, dim, alpha }: TopKGraph): Uint8Array {
  return onnxModel({
    nodes: [
      {
        type: 'Gemm',
        inputs: ['queries', GALLERY_DATA, BIAS_DATA],
        outputs: ['scores'],
        attributes: { alpha: { float: alpha }, transB: 1 },
      },
    ],
    external: [
      { name: GALLERY_DATA, type: 'float32', dims: [rows, dim] },
      { name: BIAS_DATA, type: 'float32', dims: [rows] },
    ],
    inputs: [{ name: 'queries', type: 'float32', dims: ['batch', dim] }],
    outputs: [{ name: 'scores', type: 'float32', dims: ['batch', rows] }],
  });
}
