import { type Device, OnnxSession, type Tensor } from '../runtime/onnx-session.js';
import { groupOf, mostRows } from './device-limits.js';
import type { FastPassDevice } from './fast-pass.js';
import { BIAS_DATA, GALLERY_DATA, topKGraph } from './topk-graph.js';

export interface OnnxPassOptions {
  readonly device: Device;
  /** Of one matrix product, on the CPU. */
  readonly threads: number;
  /** The most rows of one pass; default: what the device can hold. */
  readonly partRows?: number;
}

/** Fast passes by ONNX Runtime, each in a thread. */
export function onnxPasses({ device, threads, partRows }: OnnxPassOptions): FastPassDevice {
  return {
    name: device,
    columns: Number.POSITIVE_INFINITY,
    partRows: (dim) => partRows ?? mostRows(device, dim),
    async open({ data, bias }, dim, distance) {
      const externalData = [
        { path: GALLERY_DATA, data: bytes(data) },
        { path: BIAS_DATA, data: bytes(bias) },
      ];
      const model = topKGraph({ rows: bias.length, dim, alpha: distance === 'l2' ? -2 : -1, group: groupOf(device, bias.length) });
      const session = await OnnxSession.open(model, { externalData, threads: device === 'cpu' ? threads : 1, device });
      return {
        async propose(queries, rows, count, ids, values) {
          const input: Tensor = { type: 'float32', data: queries, dims: [rows, dim] };
          const k: Tensor = { type: 'int64', data: BigInt64Array.of(BigInt(count)), dims: [1] };
          const dims = [rows, count];
          await session.runInto(
            { queries: input, k },
            { ids: { type: 'int32', data: ids, dims }, values: { type: 'float32', data: values, dims } },
          );
        },
        close: () => session.close(),
      };
    },
  };
}

function bytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
