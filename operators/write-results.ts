import { concatWith, defer, finalize, ignoreElements, type OperatorFunction } from 'rxjs';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import { createRetrievalWriter } from '../src/io/retrieval-file.js';
import { named, stage } from './stage.js';

/**
 * RR -> the same RR, once it is written. The file appears under its name when the last batch is in it; an error or a cancellation leaves none.
 * @param path .arrow (IPC file), .arrows (IPC stream), .parquet, or `-` for an IPC stream on stdout
 * @throws UserError when the file cannot be written
 */
export function writeResults(path: string): OperatorFunction<RetrievalResults, RetrievalResults> {
  return sink('writeResults', () => createRetrievalWriter(path));
}

/** Something that takes values one after the other, and is then closed, or aborted. */
export interface Sink<T> {
  write(value: T): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

/** T -> the same T, once a sink has taken it. The sink is closed at completion, and aborted on an error or a cancellation. */
export function sink<T>(name: string, open: () => Sink<T>): OperatorFunction<T, T> {
  return named(name, (values) =>
    defer(() => {
      const writer = open();
      let closed = false;
      let last: Promise<void> = Promise.resolve();
      return values.pipe(
        stage(name, async (value) => {
          // Stages start their work at once; a file takes one batch at a time.
          last = last.then(() => writer.write(value));
          await last;
          return value;
        }),
        concatWith(
          defer(async () => {
            closed = true;
            await writer.close();
          }).pipe(ignoreElements()),
        ),
        finalize(() => {
          if (!closed) writer.abort().catch(() => {});
        }),
      );
    }),
  );
}
