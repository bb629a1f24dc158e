import type { Context } from '../data/context.js';
import { UserError } from '../data/errors.js';
import type { Matrix } from '../data/matrix.js';
import { embeddingSides } from './pair-sides.js';
import type { Pairs, PairwiseModel } from './pairwise-model.js';

export interface TrivialSiameseOptions {
  /** Added to every distance (OML's `output_bias`). */
  readonly bias?: number;
  /** Projects both vectors before they are compared: [outputs x dim], as the weight of a linear layer. */
  readonly weight?: Matrix;
}

/**
 * The L2 distance of (projected) embeddings, plus a bias: OML's TrivialDistanceSiamese, and with a weight its LinearTrivialDistanceSiamese. Of use as a
 * baseline for pairwise models, and to try a pipeline.
 */
export function trivialSiamese({ bias = 0, weight }: TrivialSiameseOptions = {}): PairwiseModel {
  const name = weight ? 'linear-trivial-siamese' : 'trivial-siamese';
  return {
    name,
    needs: ['queries', 'gallery'],
    async distances(pairs: Pairs, context: Context) {
      const sides = embeddingSides(name, pairs, context);
      const [dim] = sides.shape;
      if (weight && weight.dim !== dim)
        throw new UserError(`${name}: a weight for vectors of dimension ${weight.dim} does not fit those of dimension ${dim}`);
      const out = new Float32Array(pairs.rows.length);
      for (let pair = 0; pair < out.length; pair++) {
        const [x, y] = [sides.query(pair) as Float32Array, sides.gallery(pair) as Float32Array];
        // A projection is linear: that of the difference is the difference of the projections.
        const difference = Float64Array.from(x, (value, i) => value - y[i]);
        out[pair] = Math.sqrt(squares(weight ? projected(weight, difference) : difference)) + bias;
      }
      return out;
    },
  };
}

function projected({ data, rows, dim }: Matrix, vector: Float64Array): Float64Array {
  const out = new Float64Array(rows);
  for (let row = 0; row < rows; row++) for (let i = 0; i < dim; i++) out[row] += data[row * dim + i] * vector[i];
  return out;
}

function squares(vector: Float64Array): number {
  let sum = 0;
  for (const x of vector) sum += x * x;
  return sum;
}
