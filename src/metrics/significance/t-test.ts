import jstat from 'jstat';
import { ExactSum } from '../exact-sum.js';

/** A paired t-test. */
export interface TTest {
  /** null where it is not finite: no query, or differences that are all the same but not 0. */
  readonly t: number | null;
  /** Degrees of freedom, n - 1. */
  readonly df: number;
  /** Two-sided. */
  readonly p: number;
}

/**
 * Student's paired t-test of the mean difference against 0, two-sided: t = mean / (s / sqrt n), s² with n - 1.
 *
 * Where s is 0 the limits stand in: p = 1 when all differences are 0, p = 0 when they are all the same. A single query tells nothing: p = 1.
 *
 * The mean and the squares are summed exactly, so that the order of queries leaves no trace; the distribution is jstat's incomplete beta function,
 * p = I_{df / (df + t²)}(df / 2, 1 / 2), good to 6 digits.
 * @param differences one per query
 * @see Student, "The Probable Error of a Mean", Biometrika 6 (1908); for retrieval: M. D. Smucker, J. Allan, B. Carterette, "A Comparison of
 * Statistical Significance Tests for Information Retrieval Evaluation", CIKM 2007
 */
export function pairedTTest(differences: Float64Array): TTest {
  const n = differences.length;
  const df = Math.max(0, n - 1);
  if (n < 2) return { t: n === 1 && differences[0] === 0 ? 0 : null, df, p: 1 };
  const sum = new ExactSum();
  for (let i = 0; i < n; i++) sum.add(differences[i]);
  const mean = sum.mean(n);
  const squares = new ExactSum();
  for (let i = 0; i < n; i++) squares.add((differences[i] - mean) ** 2);
  const error = Math.sqrt(squares.sum() / df / n);
  if (mean === 0) return { t: 0, df, p: 1 };
  const t = mean / error;
  if (!Number.isFinite(t)) return { t: null, df, p: 0 };
  return { t, df, p: Math.min(1, Math.max(0, jstat.ibeta(df / (df + t * t), df / 2, 0.5))) };
}
