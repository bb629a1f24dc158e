import { type BootstrapOptions, bootstrapIntervals } from './bootstrap.js';
import { type RandomisationOptions, type RandomisationTest, randomisationTests } from './randomisation.js';
import { pairedTTest, type TTest } from './t-test.js';

/** What is found out about one column of differences. */
export interface ColumnTests {
  readonly tTest: TTest;
  readonly randomisation: RandomisationTest;
  /** Bootstrap interval of the mean; null without queries. */
  readonly interval: readonly [low: number, high: number] | null;
}

export interface TestOptions extends RandomisationOptions, BootstrapOptions {}

/** All tests of several columns of differences of the same queries, as a generator that yields the share that is done. */
export function* columnTests(columns: readonly Float64Array[], options: TestOptions): Generator<number, ColumnTests[]> {
  const randomisation = yield* scaled(randomisationTests(columns, options), 0);
  const intervals = yield* scaled(bootstrapIntervals(columns, options), 0.5);
  return columns.map((column, c) => ({ tTest: pairedTTest(column), randomisation: randomisation[c], interval: intervals[c] }));
}

/** Half of the work, from `start` on. */
function* scaled<R>(work: Generator<number, R>, start: number): Generator<number, R> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    yield start + value / 2;
  }
}
