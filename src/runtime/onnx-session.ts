import { availableParallelism } from 'node:os';
import { built } from './built.js';
import type { OpenRequest, RunRequest, Tensor } from './onnx-protocol.js';
import { Thread } from './thread.js';

export type { Tensor };

export interface SessionOptions {
  /** Initializers that the model refers to as external data: not copied into the protobuf, shared memory is not copied at all. */
  readonly externalData?: readonly { path: string; data: Uint8Array }[];
  /** Threads of one run; default: all cores. */
  readonly threads?: number;
}

/**
 * An ONNX Runtime session in a thread of its own: onnxruntime-node's `run()` blocks the event loop of the thread it is called in
 * (seen: no timer tick during a run of 127 ms).
 */
export class OnnxSession {
  readonly #thread: Thread;

  private constructor(
    thread: Thread,
    readonly inputNames: readonly string[],
    readonly outputNames: readonly string[],
  ) {
    this.#thread = thread;
  }

  /** @param model the ONNX protobuf, or the path of a file @throws Error what ONNX Runtime says of a model that it cannot load */
  static async open(model: Uint8Array | string, options: SessionOptions = {}): Promise<OnnxSession> {
    const thread = new Thread(built(import.meta.url, 'onnx-worker.js'));
    try {
      const request: OpenRequest = { model, externalData: options.externalData ?? [], threads: options.threads ?? availableParallelism() };
      const names = await thread.call<{ inputs: string[]; outputs: string[] }>('open', request);
      return new OnnxSession(thread, names.inputs, names.outputs);
    } catch (error) {
      await thread.close();
      throw error;
    }
  }

  /** Runs the model. Calls may overlap; they run one after the other. @param outputs names of the outputs wanted; default: all */
  run(feeds: Readonly<Record<string, Tensor>>, outputs: readonly string[] = this.outputNames): Promise<Record<string, Tensor>> {
    const request: RunRequest = { feeds, outputs };
    return this.#thread.call('run', request);
  }

  /** As `run`, with the outputs written into tensors of shared memory that have their shape. Nothing is allocated but on the first run. */
  async runInto(feeds: Readonly<Record<string, Tensor>>, into: Readonly<Record<string, Tensor>>): Promise<void> {
    const request: RunRequest = { feeds, outputs: [], into };
    await this.#thread.call('run', request);
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
