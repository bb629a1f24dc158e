import { onnxModel } from './onnx-graph.js';

/**
 * The smallest graph that makes a device work, as protobuf bytes: input `a` float32 [n, n], output `largest` = ReduceMax(a @ a), float32 [1, 1].
 * One number comes back, so that its way to the device and back weighs little.
 */
export function deviceProbeGraph(): Uint8Array {
  return onnxModel({
    nodes: [
      { type: 'MatMul', inputs: ['a', 'a'], outputs: ['product'] },
      { type: 'ReduceMax', inputs: ['product'], outputs: ['largest'] },
    ],
    inputs: [{ name: 'a', type: 'float32', dims: ['n', 'n'] }],
    outputs: [{ name: 'largest', type: 'float32', dims: [1, 1] }],
  });
}
