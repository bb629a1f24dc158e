import { SingleBar } from 'cli-progress';

/** How far a command is. */
export interface Progress {
  /** Starts a task. @param total its steps, where they are known */
  start(task: string, total?: number): void;
  advance(steps: number): void;
  stop(): void;
}

const SILENT: Progress = { start() {}, advance() {}, stop() {} };

/** A bar on stderr with rate and time left; silent when stderr is no terminal, so that logs stay clean. */
export function progressBar(): Progress {
  if (!process.stderr.isTTY) return SILENT;
  let bar: SingleBar | undefined;
  let done = 0;
  let startedAt = 0;
  return {
    start(task, total) {
      bar?.stop();
      done = 0;
      startedAt = performance.now();
      const format = total ? `${task} {bar} {value}/{total}  {rate}/s  {eta_formatted} left` : `${task}  {value}  {rate}/s`;
      bar = new SingleBar({ format, stream: process.stderr, hideCursor: true, clearOnComplete: true, etaBuffer: 100 });
      bar.start(total ?? 0, 0, { rate: '-' });
    },
    advance(steps) {
      done += steps;
      bar?.update(done, { rate: Math.round(done / ((performance.now() - startedAt) / 1000)).toLocaleString('en') });
    },
    stop() {
      bar?.stop();
      bar = undefined;
    },
  };
}

export { SILENT as silent };
