import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Eigenvalues and unit eigenvectors, of the largest value first. */
export interface PrincipalComponents {
  readonly values: readonly number[];
  /** The entry of largest magnitude (the first such) is positive. */
  readonly vectors: readonly (readonly number[])[];
}

/** Of a symmetric matrix, of which only what is on and above the diagonal is read. @param upper row-major [dim x dim] */
export function principalComponents(upper: ArrayLike<number>, dim: number): PrincipalComponents {
  const symmetric = new Matrix(
    Array.from({ length: dim }, (_, i) => Array.from({ length: dim }, (_, j) => upper[Math.min(i, j) * dim + Math.max(i, j)])),
  );
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, c) => c).sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  return {
    values: order.map((c) => realEigenvalues[c]),
    vectors: order.map((c) => {
      const vector = eigenvectorMatrix.getColumn(c);
      const largest = vector.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
      return largest < 0 ? vector.map((value) => -value) : vector;
    }),
  };
}
