import { inUnits } from './differences.js';
import { random32 } from './random.js';
import { exactFlips, sampledFlips } from './sign-flips.js';

/** With at most so many differences that are not 0, all assignments of signs are counted: 2^20 of them. */
export const EXACT_UP_TO = 20;

/** Fisher's randomisation test. */
export interface RandomisationTest {
  /** Two-sided. */
  readonly p: number;
  /** All assignments of signs were counted. */
  readonly exact: boolean;
  /** Assignments looked at: all 2^(differences that are not 0), or a random sample. */
  readonly assignments: number;
}

export interface RandomisationOptions {
  /** Size of the sample, where there are too many assignments to count them all. */
  readonly permutations: number;
  readonly seed: number;
}

/**
 * Fisher's randomisation test (paired, two-sided) of several columns of differences of the same queries. If two systems were the same, each query's
 * values could as well have come from the other: its difference could have had the other sign. p is the share of all assignments of signs whose mean
 * difference is at least as far from 0 as the one seen.
 *
 * With at most 20 differences that are not 0 all assignments are counted, and p is exact. Else `permutations` of them are drawn, and p =
 * (b + 1) / (m + 1), where b of m are as far out: the one seen is one of the possible ones, so that p is never 0. The same signs are drawn for
 * every column: which others are tested beside one changes nothing. Sums are exact (see `inUnits`), so that assignments which are as far out as the one seen
 * count, however their sums would have been rounded.
 *
 * A generator, so that the caller can look up from the work: it yields the share that is done.
 * @param columns differences, query by query in an order that does not depend on which system came first
 * @see R. A. Fisher, "The Design of Experiments", 1935; E. S. Edgington, "Randomization Tests", 1980; B. Phipson, G. K. Smyth, "Permutation P-values
 * Should Never Be Zero", Statistical Applications in Genetics and Molecular Biology 9 (2010)
 */
export function* randomisationTests(
  columns: readonly Float64Array[],
  { permutations, seed }: RandomisationOptions,
): Generator<number, RandomisationTest[]> {
  const scaled = columns.map(inUnits);
  const sampled = scaled.filter(({ nonZero }) => nonZero > EXACT_UP_TO);
  const counts = yield* sampledFlips(sampled, permutations, random32(seed));
  return scaled.map((column) => {
    if (column.nonZero > EXACT_UP_TO) {
      const b = counts[sampled.indexOf(column)];
      return { p: (b + 1) / (permutations + 1), exact: false, assignments: permutations };
    }
    const assignments = 2 ** column.nonZero;
    return { p: exactFlips(column) / assignments, exact: true, assignments };
  });
}
