import { UserError } from '../data/errors.js';
import type { Matrix } from '../data/matrix.js';

/** Embeddings that are NaN or infinite. */
export class NotFiniteError extends UserError {
  /** @param rows of the batch, ascending */
  constructor(
    message: string,
    readonly rows: readonly number[],
  ) {
    super(message);
  }
}

/** @throws NotFiniteError naming the first row of the batch */
export function assertFinite({ data, rows, dim }: Matrix, model: string): void {
  const bad: number[] = [];
  for (let row = 0; row < rows; row++) {
    // The sum of products with 0 is 0 where all are finite, else NaN.
    let sum = 0;
    for (let i = row * dim; i < (row + 1) * dim; i++) sum += data[i] * 0;
    if (sum !== 0) bad.push(row);
  }
  if (bad.length === 0) return;
  const value = data.subarray(bad[0] * dim, (bad[0] + 1) * dim).find((x) => !Number.isFinite(x));
  throw new NotFiniteError(`${model}: the embedding of item ${bad[0]} of the batch has ${value} in it`, bad);
}
