import type { EmbeddingBatch } from '../data/embedding-batch.js';
import { UserError } from '../data/errors.js';
import type { Matrix } from '../data/matrix.js';
import { shardMatrix, VectorStore } from '../data/vector-store.js';
import { Covariance } from '../metrics/covariance.js';
import type { Metric } from '../metrics/metric.js';
import { principalComponents } from '../metrics/principal-components.js';
import type { EmbeddingTransform } from './transform.js';

export interface WhiteningOptions {
  /** Components to keep, those of the largest variance; by default all that vary. */
  readonly dim?: number;
  /** Bring the result to length 1, as in the paper; default true. */
  readonly normalise?: boolean;
}

/** A fitted whitening: y = (x - mean) scaled components. */
export interface Whitening {
  /** Dimension of the result. */
  readonly dim: number;
  readonly mean: Float64Array;
  /** Row-major [dim x dimension of x]: each component over its standard deviation. */
  readonly components: Float64Array;
  /** Vectors of the dimension of the mean, each by itself. @throws UserError for another dimension */
  apply(vectors: Matrix, source?: string): Matrix;
}

/** Variance below this share of the largest is that of rounding. */
const RANK_TOLERANCE = 1e-10;

/**
 * PCA whitening, learned from the gallery and applied to gallery and queries: components that vary little get as much say as those that vary much, and
 * co-occurrences stop counting twice.
 *
 *     y = normalise(diag(lambda)^(-1/2) E^T (x - mean)),  E diag(lambda) E^T the covariance (over n - 1) of the gallery, lambda descending
 *
 * The largest entry of each component is positive, so that a fit can be reproduced; components of equal variance remain free to rotate.
 * Distances are those of other vectors afterwards: what was learned for them (thresholds) does not carry over.
 * @throws UserError when `dim` is no positive integer, and, when it is fitted, larger than the number of dimensions in which the gallery varies
 * @see H. Jegou, O. Chum, "Negative evidences and co-occurrences in image retrieval: the benefit of PCA and whitening", ECCV 2012, section 3
 */
export function pcaWhitening(options: WhiteningOptions = {}): EmbeddingTransform {
  const fit = whiteningFit(options);
  const { dim, normalise = true } = options;
  return {
    name: fit.name,
    params: { ...(dim !== undefined && { dim }), normalise },
    async fit(gallery) {
      const covariance = new Covariance();
      for (const shard of gallery.vectors.shards) covariance.add(shardMatrix(shard, gallery.dim));
      const whitening = fit.value(covariance);
      const vectors = new VectorStore(whitening.dim);
      for (const shard of gallery.vectors.shards) vectors.append(whitening.apply(shardMatrix(shard, gallery.dim), gallery.source));
      return {
        gallery: gallery.withVectors(vectors),
        queries: (batch) => batch.withVectors(whitening.apply(batch, batch.source)),
        close: async () => {},
      };
    },
  };
}

/**
 * The fit alone, of a stream of embeddings of which none is kept. Fits of parts merge in any order: means and covariances agree to 1e-9.
 * @throws UserError as `pcaWhitening`; in `value`
 */
export function whiteningFit({ dim: wanted, normalise = true }: WhiteningOptions = {}): Metric<Covariance, Whitening, EmbeddingBatch> {
  const name = 'pca-whitening';
  if (wanted !== undefined && (!Number.isInteger(wanted) || wanted < 1)) {
    throw new UserError(`${name}: dim must be a positive integer, not ${wanted}`);
  }
  return {
    name,
    init: () => new Covariance(),
    update: (state, batch) => state.add(batch),
    merge: (into, other) => into.merge(other),
    value(state) {
      const { count, mean, scatter } = state.toJSON();
      const { values, vectors } = principalComponents(scatter, mean.length);
      const rank = count < 2 ? 0 : values.filter((value) => value > RANK_TOLERANCE * values[0]).length;
      if (rank === 0)
        throw new UserError(`${name}: the ${count} embeddings of the gallery do not differ, so that there is nothing to whiten`);
      const dim = wanted ?? rank;
      if (dim > rank) {
        throw new UserError(
          `${name}: the ${count} embeddings of the gallery vary in ${rank} dimensions, not in ${dim}; ask for at most ${rank}`,
        );
      }
      const components = new Float64Array(dim * mean.length);
      for (let c = 0; c < dim; c++) {
        const deviation = Math.sqrt(values[c] / (count - 1));
        for (let i = 0; i < mean.length; i++) components[c * mean.length + i] = vectors[c][i] / deviation;
      }
      return whiteningOf(Float64Array.from(mean), components, dim, normalise);
    },
  };
}

function whiteningOf(mean: Float64Array, components: Float64Array, dim: number, normalise: boolean): Whitening {
  const from = mean.length;
  return {
    dim,
    mean,
    components,
    apply({ data, rows, dim: given }, source = 'vectors') {
      if (rows > 0 && given !== from) throw new UserError(`${source}: dimension ${given}, but the gallery has ${from}`);
      const out = new Float32Array(rows * dim);
      const centred = new Float64Array(from);
      const whitened = new Float64Array(dim);
      for (let row = 0; row < rows; row++) {
        for (let i = 0; i < from; i++) centred[i] = data[row * from + i] - mean[i];
        let squares = 0;
        for (let c = 0, at = 0; c < dim; c++) {
          let sum = 0;
          for (let i = 0; i < from; i++) sum += components[at++] * centred[i];
          whitened[c] = sum;
          squares += sum * sum;
        }
        const length = normalise && squares > 0 ? Math.sqrt(squares) : 1;
        for (let c = 0; c < dim; c++) out[row * dim + c] = whitened[c] / length;
      }
      return { data: out, rows, dim };
    },
  };
}
