import * as ort from 'onnxruntime-node';
import type { OpenRequest, RunRequest, Tensor } from './onnx-protocol.js';
import { serve, Transfer } from './thread.js';

let session: ort.InferenceSession;

serve({
  async open({ model, externalData, threads }: OpenRequest) {
    const options: ort.InferenceSession.SessionOptions = {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      externalData: [...externalData],
    };
    session = await (typeof model === 'string' ? ort.InferenceSession.create(model, options) : ort.InferenceSession.create(model, options));
    return { inputs: [...session.inputNames], outputs: [...session.outputNames] };
  },

  async run({ feeds, outputs }: RunRequest) {
    const inputs = Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, new ort.Tensor(t.type, t.data as never, t.dims)]));
    const results = await session.run(inputs, outputs);
    const tensors: Record<string, Tensor> = {};
    const buffers: ArrayBuffer[] = [];
    for (const name of outputs) {
      const { type, data, dims } = results[name];
      tensors[name] = { type, data, dims } as Tensor;
      buffers.push((data as Float32Array).buffer as ArrayBuffer);
    }
    return new Transfer(tensors, buffers);
  },
});
