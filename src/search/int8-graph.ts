import { onnxModel } from '../runtime/onnx-graph.js';
import { ZERO } from './int8-query.js';

/** Name of the initializer, which is passed as external data. */
export const COLUMNS_DATA = 'columns';

/**
 * The fast pass in integers: `products` int32 [batch, columns] = (`bytes` uint8 [batch, dim] - 128) @ columns int8 [dim, columns]. Exact where the
 * processor does not saturate; ONNX Runtime prepacks the columns once.
 */
export function int8Graph(dim: number, columns: number): Uint8Array {
  return onnxModel({
    nodes: [{ type: 'MatMulInteger', inputs: ['bytes', COLUMNS_DATA, 'zero'], outputs: ['products'] }],
    external: [{ name: COLUMNS_DATA, type: 'int8', dims: [dim, columns] }],
    constants: [{ name: 'zero', values: Uint8Array.of(ZERO), dims: [] }],
    inputs: [{ name: 'bytes', type: 'uint8', dims: ['batch', dim] }],
    outputs: [{ name: 'products', type: 'int32', dims: ['batch', columns] }],
  });
}
