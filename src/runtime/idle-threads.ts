import { Thread } from './thread.js';

/** Threads of one file that are lent again: to start one, and to have its code compiled, takes longer than many things that it is asked for. */
export class IdleThreads {
  readonly #idle: Thread[] = [];

  /** @param most that may be idle at one time */
  constructor(
    private readonly file: URL,
    private readonly most = Number.POSITIVE_INFINITY,
  ) {}

  /** An idle thread, else a new one. */
  take(): Thread {
    return this.#idle.pop() ?? new Thread(this.file);
  }

  /**
   * Takes a thread back when it has answered all that it was asked, and then `method`, which lets go of what it holds. One that fails at that is stopped.
   * Who gave it back must not call it any more: it may be another's.
   */
  async giveBack(thread: Thread, method: string, argument?: unknown): Promise<void> {
    const ready = await thread.call(method, argument).then(
      () => true,
      () => false,
    );
    if (ready && this.#idle.length < this.most) this.#idle.push(thread);
    else await thread.close();
  }
}
