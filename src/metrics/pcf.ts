import type { EmbeddingBatch } from '../data/embedding-batch.js';
import { Covariance } from './covariance.js';
import { checkShare } from './fmr-threshold.js';
import type { Metric } from './metric.js';

/** Two shares of variance closer than this are equal: it is what the covariance promises, whatever the batches. */
const TOLERANCE = 1e-9;

/** What is asked of the covariance of embeddings. */
export interface ItemMeasure {
  readonly name: string;
  /** @param spectrum eigenvalues, largest first @param dim of the embeddings @returns null where it is not defined */
  value(spectrum: readonly number[], dim: number): number | null;
}

/**
 * Principal components fraction: the share of the dimensions that principal component analysis needs to explain more than a share `variance` of
 * the variance of the embeddings. Small values tell of embeddings that fill few of their dimensions.
 *
 *     n = number of components whose cumulative share of the variance is at most x (equal within 1e-9), plus 1
 *     pcf@x = min(n, dim) / dim
 *
 * It is OML's definition, but never above 1 (OML's pcf@1 is 1 + 1 / dim), and null, not arbitrary, where the embeddings do not differ.
 *
 * @param variance from 0 to 1
 * @throws UserError for another variance
 * @see I. T. Jolliffe, "Principal Component Analysis", 2nd ed., Springer 2002, section 6.1.1; OML's `calc_pcf`
 */
export function pcfMeasure(variance: number): ItemMeasure {
  const name = `pcf@${variance}`;
  checkShare(name, 'the share of the variance', variance);
  return {
    name,
    value(spectrum, dim) {
      const total = spectrum.reduce((sum, value) => sum + value, 0);
      if (!(total > 0)) return null;
      let explained = 0;
      let components = 0;
      for (const value of spectrum) {
        explained += value;
        if (explained / total > variance + TOLERANCE) break;
        components++;
      }
      return Math.min(components + 1, dim) / dim;
    },
  };
}

/**
 * `pcfMeasure` of a stream of embeddings, none of which is kept. Merges in any order agree because shares of variance count as equal within 1e-9,
 * not to the bit of the covariance.
 * @example
 * const metric = pcf(0.5);
 * const state = metric.init();
 * for await (const batch of embeddings) metric.update(state, batch);
 * metric.value(state); // null where the embeddings do not differ
 */
export function pcf(variance: number): Metric<Covariance, number | null, EmbeddingBatch> {
  const measure = pcfMeasure(variance);
  return {
    name: measure.name,
    init: () => new Covariance(),
    update: (state, batch) => state.add(batch),
    merge: (into, other) => into.merge(other),
    value: (state) => measure.value(state.spectrum(), state.dim),
  };
}
