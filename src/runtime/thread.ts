import { type MessagePort, parentPort, type TransferListItem, Worker } from 'node:worker_threads';
import { UserError } from '../data/errors.js';
import './no-telemetry.js';
import { Pool } from './pool.js';

type Answer = { id: number; value: unknown } | { id: number; error: { message: string; user: boolean; stack?: string } };

/** What a method of a thread returns when it hands over buffers instead of copying them. */
export class Transfer<T> {
  constructor(
    readonly value: T,
    readonly list: TransferListItem[],
  ) {}
}

/** A worker thread that answers calls. */
export class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  #next = 0;
  #ended?: Error;

  constructor(file: URL) {
    // Options of the process that are meant for its own script (`--input-type` of `node -e`) would stop the thread.
    this.#worker = new Worker(file, { execArgv: [] });
    // An idle thread must not keep the process alive.
    this.#worker.unref();
    this.#worker.on('message', (answer: Answer) => {
      const call = this.#waiting.get(answer.id);
      this.#forget(answer.id);
      if ('error' in answer) {
        const { message, user, stack } = answer.error;
        call?.reject(user ? new UserError(message) : Object.assign(new Error(message), { stack }));
      } else call?.resolve(answer.value as never);
    });
    this.#worker.on('error', (error) => this.#end(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', (code) => this.#end(new Error(`thread ended (exit code ${code})`)));
  }

  /** Calls a method of the thread. @param transfer buffers to hand over instead of copying */
  call<T>(method: string, argument: unknown, transfer: TransferListItem[] = []): Promise<T> {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage({ id, method, argument }, transfer);
    });
  }

  /** Whether it was closed, or stopped by an error. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /**
   * Lets the thread answer what it was asked, and then `method`, before it is stopped; calls made afterwards are rejected. A thread that is stopped inside
   * native code that calls back (onnxruntime-node's `run()`) ends the whole process.
   */
  async finish(method: string): Promise<void> {
    // Where it has ended already there is nothing to wait for.
    const last = this.call(method, undefined).catch(() => {});
    this.#ended ??= new Error('thread was closed');
    await last;
    await this.close();
  }

  /** Stops the thread; calls that were not answered are rejected. */
  async close(): Promise<void> {
    this.#end(new Error('thread was closed'));
    await this.#worker.terminate();
  }

  #forget(id: number): void {
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker.unref();
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const call of this.#waiting.values()) call.reject(this.#ended);
    this.#waiting.clear();
  }
}

/**
 * Serves methods in a worker thread. A method may return a `Transfer`.
 * @param atOnce calls that are worked on at one time: more than one where methods wait for other threads (decoders, files); calls are begun in their order
 */
export function serve(methods: Record<string, (argument: never) => unknown>, atOnce = 1): void {
  const port = parentPort as MessagePort;
  const places = new Pool(Array.from({ length: atOnce }, (_, place) => place));
  port.on('message', ({ id, method, argument }: { id: number; method: string; argument: never }) => {
    void places.with(async () => {
      try {
        const result = await methods[method](argument);
        if (result instanceof Transfer) port.postMessage({ id, value: result.value }, result.list);
        else port.postMessage({ id, value: result });
      } catch (thrown) {
        const error = thrown instanceof Error ? thrown : new Error(String(thrown));
        port.postMessage({ id, error: { message: error.message, user: error instanceof UserError, stack: error.stack } });
      }
    });
  });
}
