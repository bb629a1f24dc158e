import { Random } from './random.js';

/** Distances between the two vectors of a pair, as they are meant; the true ones follow from the rounded vectors. */
export const SEPARATIONS = [0, 1e-4, 1e-3, 1e-2];
/** Near-duplicates of one query, whose order is looked at. */
export const NEAR = 20;

/** Queries and a gallery in which each query's neighbours are near-duplicates of it: first one for each pair, then NEAR for each further query. */
export interface NearDuplicates {
  readonly dim: number;
  /** Pairs of each separation; query i and gallery row i are a pair. */
  readonly pairs: number;
  /** Queries with NEAR gallery rows each, which follow the pairs. */
  readonly groups: number;
  readonly queries: Float32Array;
  readonly gallery: Float32Array;
}

/** Random directions of length `norm`; near-duplicates differ from them by a random direction, those of a group by 1e-4 to 1e-2. */
export function nearDuplicates(norm: number, pairs: number, groups: number, dim = 384): NearDuplicates {
  const random = new Random(norm);
  const paired = SEPARATIONS.length * pairs;
  const queries = new Float32Array((paired + groups) * dim);
  const gallery = new Float32Array((paired + groups * NEAR) * dim);
  for (let q = 0; q < paired + groups; q++) {
    const query = direction(random, dim, norm);
    queries.set(query, q * dim);
    if (q < paired) gallery.set(near(random, query, SEPARATIONS[Math.floor(q / pairs)]), q * dim);
    else for (let n = 0; n < NEAR; n++) gallery.set(near(random, query, 10 ** (-4 + 2 * random.uniform())), groupRow(paired, q, n) * dim);
  }
  return { dim, pairs, groups, queries, gallery };
}

/** The gallery row of near-duplicate n of query q, a query after the `paired` ones. */
export function groupRow(paired: number, q: number, n: number): number {
  return paired + (q - paired) * NEAR + n;
}

/** The distance in float64 of two float32 vectors. */
export function trueDistance(set: NearDuplicates, query: number, row: number): number {
  let square = 0;
  for (let i = 0; i < set.dim; i++) square += (set.queries[query * set.dim + i] - set.gallery[row * set.dim + i]) ** 2;
  return Math.sqrt(square);
}

function near(random: Random, vector: Float64Array, distance: number): Float64Array {
  const step = direction(random, vector.length, distance);
  return vector.map((x, i) => x + step[i]);
}

function direction(random: Random, dim: number, length: number): Float64Array {
  const vector = Float64Array.from({ length: dim }, () => random.normal());
  const scale = length / Math.hypot(...vector);
  return vector.map((x) => x * scale);
}
