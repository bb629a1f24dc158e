import { availableParallelism } from 'node:os';
import { UserError } from '../data/errors.js';

/** How many threads are asked for; all cores where nothing is said. @throws UserError for what is no positive whole number */
export function threadCount(threads = availableParallelism()): number {
  if (Number.isSafeInteger(threads) && threads > 0) return threads;
  throw new UserError(`threads: ${threads} is no positive whole number`);
}
