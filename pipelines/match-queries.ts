import { UserError } from '../src/data/errors.js';
import type { QueryValues } from './compare-inputs.js';

/** The same queries in every input. */
export interface MatchedQueries {
  /** For each input the positions of the queries, in one order for all. */
  readonly positions: readonly Int32Array[];
  readonly by: 'id' | 'row';
}

/**
 * Finds the queries of the first input in the others: by id where both have ids, else by row. The order of the queries is that of their ids (by code
 * unit), or of their rows where an input has no ids, so that it does not depend on which input comes first.
 * @throws UserError for a query that stands twice in an input, and for inputs of different query sets: how many are missing, and one of them
 */
export function matchQueries(inputs: readonly QueryValues[]): MatchedQueries {
  const [first, ...others] = inputs;
  const by = inputs.every(({ ids }) => ids) ? 'id' : 'row';
  const keys = keysOf(first, by);
  const order = Int32Array.from(keys.keys()).sort((i, j) => (keys[i] < keys[j] ? -1 : 1));
  return { by, positions: [order, ...others.map((other) => positionsIn(other, first, order))] };
}

function positionsIn(other: QueryValues, first: QueryValues, order: Int32Array): Int32Array {
  const by = first.ids && other.ids ? 'id' : 'row';
  const [wanted, there] = [keysOf(first, by), keysOf(other, by)];
  const [known, places] = [indexed(wanted, first.path, by), indexed(there, other.path, by)];
  const missing = wanted.filter((key) => !places.has(key));
  const named = (key: Key) => (by === 'id' ? `query ${JSON.stringify(key)}` : `query ${key}`);
  if (missing.length > 0) {
    throw new UserError(
      `${other.path}: ${missing.length} of the ${wanted.length} queries of ${first.path} are missing, for example ${named(missing[0])}; ` +
        'only results of the same queries compare',
    );
  }
  const extra = there.filter((key) => !known.has(key));
  if (extra.length > 0) {
    throw new UserError(
      `${first.path}: ${extra.length} of the ${there.length} queries of ${other.path} are missing, for example ${named(extra[0])}; ` +
        'only results of the same queries compare',
    );
  }
  return order.map((position) => places.get(wanted[position]) as number);
}

type Key = string | number;

function keysOf({ path, ids, rows }: QueryValues, by: 'id' | 'row'): readonly Key[] {
  if (by === 'id') return ids ?? [];
  if (!rows) throw new UserError(`${path}: no column "query", which is needed because another input has no ids of queries`);
  return Array.from(rows);
}

function indexed(keys: readonly Key[], path: string, by: 'id' | 'row'): Map<Key, number> {
  const positions = new Map<Key, number>();
  keys.forEach((key, i) => {
    const before = positions.get(key);
    if (before !== undefined)
      throw new UserError(`${path}: two queries with the ${by} ${JSON.stringify(key)} (the ${before + 1}. and the ${i + 1}.)`);
    positions.set(key, i);
  });
  return positions;
}
