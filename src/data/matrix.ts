import { UserError } from './errors.js';

/** Row-major vectors: row r is `data.subarray(r * dim, (r + 1) * dim)`. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly dim: number;
}

/** The distances that a search can use; smaller is nearer. Formulas: `src/search/canonical.ts`. */
export const DISTANCES = ['l2', 'cosine', 'ip'] as const;
export type Distance = (typeof DISTANCES)[number];

/** A distance as it was given, `l2` where nothing was. @throws UserError for an unknown one */
export function checkedDistance(distance: Distance = 'l2'): Distance {
  if (DISTANCES.includes(distance)) return distance;
  throw new UserError(`unknown distance "${distance}" (there are: ${DISTANCES.join(', ')})`);
}
