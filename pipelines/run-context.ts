import type { ItemTensors } from '../src/data/context.js';
import type { Progress } from './progress.js';

/** How a pipeline is run, beside what it is asked to do. */
export interface RunContext {
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  /** The items of queries and gallery as a model takes them, for post-processors that compare items; by default pictures, by the column "path". */
  readonly items?: ItemTensors;
}
