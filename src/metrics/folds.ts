import { UserError } from '../data/errors.js';
import { mixed } from '../data/random.js';

/**
 * The fold of a query, from 0 to folds - 1: a hash of its row in the query set and of a seed, so that batches, processes and the order in which queries
 * come leave no trace. Folds are about as large as each other, not exactly; of few queries one may be empty.
 * @param row of the query in the query set (`rr.rows`)
 * @param folds at least 2
 * @param seed only its lowest 32 bits count
 * @throws UserError for another number of folds
 */
export function foldOf(row: number, folds: number, seed = 0): number {
  if (!Number.isInteger(folds) || folds < 2) throw new UserError(`the number of folds must be an integer of at least 2, not ${folds}`);
  return Math.floor(((mixed(row ^ mixed(seed + 1)) >>> 0) / 2 ** 32) * folds);
}

/** The positions of queries by their fold, ascending in each. @param rows of the queries in the query set @throws UserError as `foldOf` */
export function positionsByFold(rows: ArrayLike<number>, folds: number, seed = 0): number[][] {
  const positions: number[][] = Array.from({ length: folds }, () => []);
  for (let q = 0; q < rows.length; q++) positions[foldOf(rows[q], folds, seed)].push(q);
  return positions;
}
