/**
 * Bonferroni's correction of the p-values of several comparisons: each times their number, at most 1.
 * @see O. J. Dunn, "Multiple Comparisons Among Means", Journal of the American Statistical Association 56 (1961)
 */
export function bonferroni(ps: readonly number[]): number[] {
  return ps.map((p) => Math.min(1, p * ps.length));
}

/**
 * Holm's step-down correction: the smallest of m p-values times m, the next times m - 1, ..., each at least as large as the one before. It keeps the
 * chance of any false alarm under the level, as Bonferroni's does, and never finds less.
 * @see S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6 (1979)
 */
export function holm(ps: readonly number[]): number[] {
  const corrected = new Array<number>(ps.length);
  const ascending = ps.map((_, i) => i).sort((a, b) => ps[a] - ps[b]);
  let before = 0;
  ascending.forEach((i, rank) => {
    before = Math.min(1, Math.max(before, ps[i] * (ps.length - rank)));
    corrected[i] = before;
  });
  return corrected;
}
