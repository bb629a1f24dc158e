import { z } from 'zod';
import { UserError } from '../data/errors.js';
import { principalComponents } from './principal-components.js';
import { openScatter, SCATTER_ROWS } from './scatter.js';

/** Vectors that are to be taken in: rows of a matrix. */
export interface Rows {
  readonly data: Float32Array;
  readonly dim: number;
  /** Their numbers; all of them where it is absent. */
  readonly which?: ArrayLike<number>;
}

/**
 * Number, mean and scatter (the sum of products of deviations from the mean) of vectors, without the vectors: 8 dim^2 bytes. Blocks are centred on
 * their own mean and joined pairwise, so that no digits are lost far from the origin. The order of batches and merges shows in the last
 * digits only: the eigenvalues agree to 1e-9 of their sum.
 * @see T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for Computing the Sample Variance: Analysis and Recommendations", The American
 * Statistician 37 (1983), equations 2.1
 */
export class Covariance {
  count = 0;
  #mean = new Float64Array(0);
  /** Row-major [dim x dim]; what is below the diagonal stays 0. */
  #scatter = new Float64Array(0);

  get dim(): number {
    return this.#mean.length;
  }

  /** @throws UserError for vectors of another dimension than before */
  add({ data, dim, which }: Rows): void {
    const total = which?.length ?? data.length / dim;
    if (total === 0) return;
    const { width, panels, sums, add } = this.#open(dim);
    const mean = new Float64Array(dim);
    for (let first = 0; first < total; first += SCATTER_ROWS) {
      const rows = Math.min(SCATTER_ROWS, total - first);
      const start = (r: number) => (which ? which[first + r] : first + r) * dim;
      mean.fill(0);
      for (let r = 0; r < rows; r++) for (let i = 0, at = start(r); i < dim; i++) mean[i] += data[at + i];
      for (let i = 0; i < dim; i++) mean[i] /= rows;
      panels.fill(0);
      for (let r = 0; r < rows; r++) {
        for (let i = 0, at = start(r); i < dim; i++) panels[(i >> 2) * 4 * rows + r * 4 + (i & 3)] = data[at + i] - mean[i];
      }
      sums.fill(0);
      add(rows);
      this.#join(rows, mean, sums, width);
    }
  }

  /** Takes in what another has seen. @throws UserError when their dimensions differ */
  merge(other: Covariance): void {
    if (other.count === 0) return;
    this.#open(other.dim);
    this.#join(other.count, other.#mean, other.#scatter, other.dim);
  }

  /** The eigenvalues of the scatter, largest first; as many as can differ from zero: the smaller of the dimension and the number of vectors. */
  spectrum(): number[] {
    const { dim } = this;
    if (dim === 0) return [];
    const { values } = principalComponents(this.#scatter, dim);
    return values.map((value) => Math.max(0, value)).slice(0, Math.min(dim, this.count));
  }

  toJSON(): SavedCovariance {
    return { count: this.count, mean: [...this.#mean], scatter: [...this.#scatter] };
  }

  /** @throws UserError when the JSON is no saved covariance */
  static fromJSON(json: unknown): Covariance {
    const { data, error } = savedCovariance.safeParse(json);
    if (error || data.scatter.length !== data.mean.length ** 2) throw new UserError('this is no saved covariance');
    const covariance = new Covariance();
    covariance.count = data.count;
    covariance.#mean = Float64Array.from(data.mean);
    covariance.#scatter = Float64Array.from(data.scatter);
    return covariance;
  }

  #open(dim: number) {
    if (this.count === 0) {
      this.#mean = new Float64Array(dim);
      this.#scatter = new Float64Array(dim * dim);
    }
    if (dim !== this.dim) throw new UserError(`embeddings of dimension ${dim} after others of dimension ${this.dim}`);
    return openScatter(dim);
  }

  /** @param width length of the rows of `scatter` */
  #join(count: number, mean: Float64Array, scatter: Float64Array, width: number): void {
    const { dim } = this;
    const own = this.#scatter;
    const [share, weight] = [count / (this.count + count), (count * this.count) / (this.count + count)];
    const shift = mean.map((value, i) => value - this.#mean[i]);
    for (let i = 0; i < dim; i++) {
      const scaled = weight * shift[i];
      for (let j = i, to = i * dim, from = i * width; j < dim; j++) own[to + j] += scatter[from + j] + scaled * shift[j];
    }
    for (let i = 0; i < dim; i++) this.#mean[i] += share * shift[i];
    this.count += count;
  }
}

const numbers = z.array(z.number());
const savedCovariance = z.strictObject({ count: z.int().min(0), mean: numbers, scatter: numbers });
export type SavedCovariance = z.infer<typeof savedCovariance>;
