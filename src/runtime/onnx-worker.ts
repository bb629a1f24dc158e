import * as ort from 'onnxruntime-node';
import { onnxCause } from './onnx-cause.js';
import type { OpenRequest, RunAnswer, RunRequest, Tensor, TensorInfo } from './onnx-protocol.js';
import { providers } from './onnx-providers.js';
import { Scratch } from './scratch.js';
import { serve, Transfer } from './thread.js';

let session: ort.InferenceSession;

serve({
  async open({ model, externalData, threads, device }: OpenRequest) {
    const options: ort.InferenceSession.SessionOptions = {
      executionProviders: providers(device),
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // Errors are thrown; they need not be printed too.
      logSeverityLevel: 4,
      externalData: [...externalData],
    };
    try {
      session = await (typeof model === 'string'
        ? ort.InferenceSession.create(model, options)
        : ort.InferenceSession.create(model, options));
    } catch (error) {
      throw new Error(`the model cannot be opened on device ${device}: ${onnxCause(error)}`, { cause: error });
    }
    return { inputs: session.inputMetadata.map(described), outputs: session.outputMetadata.map(described) };
  },

  async run({ feeds, outputs, giveBack, into }: RunRequest) {
    const inputs = Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, tensor(own(name, t, true), t.dims)]));
    if (into) {
      const targets = Object.entries(into).map(([name, target]) => ({ target, values: own(name, target, false) }));
      const fetches = Object.fromEntries(Object.keys(into).map((name, i) => [name, tensor(targets[i].values, targets[i].target.dims)]));
      await session.run(inputs, fetches);
      for (const { target, values } of targets) (target.data as Float32Array).set(values as Float32Array);
      return undefined;
    }
    const results = await session.run(inputs);
    const tensors: Record<string, Tensor> = {};
    const buffers: ArrayBuffer[] = [];
    for (const name of outputs) {
      const { type, data, dims } = results[name];
      tensors[name] = { type, data, dims } as Tensor;
      buffers.push((data as Float32Array).buffer as ArrayBuffer);
    }
    if (!giveBack) return new Transfer<RunAnswer>({ outputs: tensors, feeds: {} }, buffers);
    for (const { data } of Object.values(feeds)) buffers.push(data.buffer as ArrayBuffer);
    return new Transfer<RunAnswer>({ outputs: tensors, feeds }, buffers);
  },

  release: () => session.release(),
});

/** ONNX Runtime takes no shared memory: what is in it passes through memory of this thread, one piece for each input and output. */
const scratch = new Map<string, Scratch>();

function own(name: string, { data }: Tensor, copy: boolean): Tensor['data'] {
  if (data instanceof BigInt64Array || data instanceof Uint16Array || !(data.buffer instanceof SharedArrayBuffer)) return data;
  const memory = scratch.get(name) ?? new Scratch(false);
  scratch.set(name, memory);
  const values = data instanceof Float32Array ? memory.floats(data.length) : memory.ints(data.length);
  if (copy) values.set(data);
  return values;
}

/** What a session says of a tensor, as plain data. */
function described(value: ort.InferenceSession.ValueMetadata): TensorInfo {
  return value.isTensor
    ? { name: value.name, type: value.type, shape: [...value.shape] }
    : { name: value.name, type: 'not a tensor', shape: [] };
}

function tensor(data: Tensor['data'], dims: readonly number[]): ort.Tensor {
  if (data instanceof Float32Array) return new ort.Tensor('float32', data, dims);
  if (data instanceof Uint16Array) return new ort.Tensor('float16', data, dims);
  return data instanceof Int32Array ? new ort.Tensor('int32', data, dims) : new ort.Tensor('int64', data, dims);
}
