import { built } from './built.js';
import { deviceTurn } from './device-turns.js';
import type { Device, OpenRequest, RunAnswer, RunRequest, Tensor, TensorInfo, Tensors } from './onnx-protocol.js';
import { Thread } from './thread.js';
import { threadCount } from './thread-count.js';

export type { Device, Tensor, TensorInfo, Tensors };

export interface SessionOptions {
  /** Initializers that the model refers to as external data: not copied into the protobuf, shared memory is not copied at all. */
  readonly externalData?: readonly { path: string; data: Uint8Array }[];
  /** Threads of one run; default: all cores. */
  readonly threads?: number;
  /** Where the model runs; default `cpu`. What is there: `resolveDevice`. Inputs and outputs are in the memory of the CPU in any case. */
  readonly device?: Device;
}

/**
 * An ONNX Runtime session in a thread of its own: onnxruntime-node's `run()` blocks the event loop of the thread it is called in
 * (seen: no timer tick during a run of 127 ms).
 */
export class OnnxSession {
  readonly #thread: Thread;

  private constructor(
    thread: Thread,
    readonly device: Device,
    readonly inputs: readonly TensorInfo[],
    readonly outputs: readonly TensorInfo[],
  ) {
    this.#thread = thread;
  }

  /** @param model the ONNX protobuf, or the path of a file @throws Error the device, and what ONNX Runtime says of a model that it cannot load there */
  static async open(model: Uint8Array | string, options: SessionOptions = {}): Promise<OnnxSession> {
    const { externalData = [], device = 'cpu' } = options;
    const request: OpenRequest = { model, externalData, threads: threadCount(options.threads), device };
    return deviceTurn(device, async () => {
      const thread = new Thread(built(import.meta.url, 'onnx-worker.js'));
      try {
        const { inputs, outputs } = await thread.call<{ inputs: TensorInfo[]; outputs: TensorInfo[] }>('open', request);
        return new OnnxSession(thread, device, inputs, outputs);
      } catch (error) {
        await thread.close();
        throw error;
      }
    });
  }

  /**
   * Runs the model. Calls may overlap; they run one after the other.
   * @param outputs names of the outputs wanted; default: all
   * @param back takes the feeds when they are done with. Given: the memory of the feeds, each an array of its own, goes to the session's thread, so that it
   * is not copied, and comes back by this
   */
  async run(
    feeds: Tensors,
    outputs: readonly string[] = this.outputs.map(({ name }) => name),
    back?: (feeds: Tensors) => void,
  ): Promise<Record<string, Tensor>> {
    const request: RunRequest = { feeds, outputs, giveBack: back !== undefined };
    const handed = back ? Object.values(feeds).map(({ data }) => data.buffer as ArrayBuffer) : [];
    const answer = await deviceTurn(this.device, () => this.#thread.call<RunAnswer>('run', request, handed));
    back?.(answer.feeds);
    return answer.outputs;
  }

  /** As `run`, with the outputs written into tensors of shared memory that have their shape. Nothing is allocated but on the first run. */
  async runInto(feeds: Tensors, into: Tensors): Promise<void> {
    const request: RunRequest = { feeds, outputs: [], into };
    await deviceTurn(this.device, () => this.#thread.call('run', request));
  }

  /** Calls made before are answered; calls made afterwards are rejected. */
  close(): Promise<void> {
    return deviceTurn(this.device, () => this.#thread.finish('release'));
  }
}
