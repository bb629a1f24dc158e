import { serve } from '../../runtime/thread.js';
import { type ColumnTests, columnTests, type TestOptions } from './tests.js';

/** How long one call works, so that progress moves and a call can be the last one. */
const TURN_MS = 50;

export interface StartRequest {
  readonly columns: readonly Float64Array[];
  readonly options: TestOptions;
}

let work: Generator<number, ColumnTests[]>;

serve({
  start({ columns, options }: StartRequest): void {
    work = columnTests(columns, options);
  },

  /** @returns the share that is done, or the tests when all is */
  advance(): number | ColumnTests[] {
    const until = performance.now() + TURN_MS;
    for (;;) {
      const { done, value } = work.next();
      if (done || performance.now() > until) return value;
    }
  },
});
