import { UserError } from '../data/errors.js';
import type { Matrix } from '../data/matrix.js';
import { OnnxSession, type SessionOptions, type Tensor } from '../runtime/onnx-session.js';

/**
 * A model that makes one vector of each item: an ONNX graph with one input [batch, ...] and one output, float32 [batch, dim].
 * It knows nothing of pictures, texts or sounds: whoever decodes items hands over the input as the model wants it.
 */
export class Embedder {
  private constructor(
    private readonly session: OnnxSession,
    private readonly input: string,
    private readonly output: string,
  ) {}

  /** @param model the ONNX protobuf, or the path of a file @throws UserError for a model with several inputs or outputs */
  static async open(model: Uint8Array | string, options: SessionOptions = {}): Promise<Embedder> {
    const session = await OnnxSession.open(model, options);
    const [inputNames, outputNames] = [session.inputs, session.outputs].map((all) => all.map(({ name }) => name));
    if (inputNames.length === 1 && outputNames.length === 1) return new Embedder(session, inputNames[0], outputNames[0]);
    await session.close();
    throw new UserError(`an embedding model has one input and one output, not inputs [${inputNames}] and outputs [${outputNames}]`);
  }

  /** The embeddings of one batch of items. Calls may overlap; they run one after the other, outside this thread. */
  async embed(items: Tensor): Promise<Matrix> {
    const rows = items.dims[0];
    const { type, data, dims } = (await this.session.run({ [this.input]: items }))[this.output];
    if (type !== 'float32' || dims.length !== 2 || dims[0] !== rows) {
      throw new UserError(`an embedding model answers a batch of ${rows} with float32 [${rows}, dim], not ${type} [${dims.join(', ')}]`);
    }
    return { data: data as Float32Array, rows, dim: dims[1] };
  }

  /** The embeddings of every batch, in order; a batch is prepared while the model works on the one before. */
  async *embedAll(batches: Iterable<Tensor> | AsyncIterable<Tensor>): AsyncGenerator<Matrix, void, undefined> {
    let running: Promise<Matrix> | undefined;
    for await (const batch of batches) {
      const next = this.embed(batch);
      // Awaited a turn later: until then a failure must not count as unhandled.
      next.catch(() => {});
      if (running) yield await running;
      running = next;
    }
    if (running) yield await running;
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
