import { SingleBar, type ValueFormatter } from 'cli-progress';
import { formatCount } from '../src/report/format.js';

/** How far a command is. */
export interface Progress {
  /** Starts a task. @param total its steps, where they are known; @param unit of bytes megabytes are shown */
  start(task: string, total?: number, unit?: 'bytes'): void;
  advance(steps: number): void;
  /** Says what else is done meanwhile. */
  note?(text: string): void;
  stop(): void;
}

const SILENT: Progress = { start() {}, advance() {}, stop() {} };

/** A bar on stderr with rate and time left; silent when stderr is no terminal, so that logs stay clean. */
export function progressBar(): Progress {
  if (!process.stderr.isTTY) return SILENT;
  let bar: SingleBar | undefined;
  let done = 0;
  let startedAt = 0;
  let note = '';
  let bytes = false;
  return {
    start(task, total, unit) {
      bar?.stop();
      done = 0;
      note = '';
      startedAt = performance.now();
      bytes = unit === 'bytes';
      const of = bytes ? ' MB' : '';
      const rate = `{rate}${of}/s`;
      const format = total
        ? `${task} {bar} {value}/{total}${of}  ${rate}  {eta_formatted} left{note}`
        : `${task}  {value}${of}  ${rate}{note}`;
      const formatValue: ValueFormatter = (value, _, type) =>
        bytes && (type === 'value' || type === 'total') ? megabytes(value) : `${value}`;
      bar = new SingleBar({ format, formatValue, stream: process.stderr, hideCursor: true, clearOnComplete: true, etaBuffer: 100 });
      bar.start(total ?? 0, 0, { rate: '-', note });
    },
    advance(steps) {
      done += steps;
      const perSecond = done / ((performance.now() - startedAt) / 1000);
      bar?.update(done, { rate: bytes ? megabytes(perSecond) : Math.round(perSecond).toLocaleString('en'), note });
    },
    note(text) {
      note = `  ${text}`;
      bar?.update({ note });
    },
    stop() {
      bar?.stop();
      bar = undefined;
    },
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** Tells beside the bar of a search how far its post-processing is: after each run of a model, and for queries behind the last step. */
export function postprocessNotes(progress: Progress) {
  let [compared, done] = [0, 0];
  const tell = () => {
    const pairs = compared > 0 ? `${formatCount(compared)} pairs compared, ` : '';
    progress.note?.(`${pairs}${formatCount(done)} queries post-processed`);
  };
  return {
    pairs(more: number) {
      compared += more;
      tell();
    },
    queries(more: number) {
      done += more;
      tell();
    },
  };
}

export { SILENT as silent };
