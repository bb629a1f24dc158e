/** Where a quantile lies among n sorted values: between two of them, or on one. */
export interface QuantilePlace {
  /** Positions from 0 of the values around it. */
  readonly previous: number;
  readonly next: number;
  /** How far it is from the first to the second, from 0 to 1. */
  readonly weight: number;
}

/**
 * The place of the q-th quantile, (n - 1) q, as `numpy.quantile` with its default method, linear, finds it.
 * @param n number of values, at least 1
 * @param q from 0 to 1
 * @see R. J. Hyndman, Y. Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996), definition 7
 */
export function quantilePlace(n: number, q: number): QuantilePlace {
  const place = (n - 1) * q;
  if (place >= n - 1) return { previous: n - 1, next: n - 1, weight: 0 };
  const previous = Math.floor(place);
  return { previous, next: previous + 1, weight: place - previous };
}

/** The value there, to the bit as NumPy computes it for float32 values: their difference is rounded to float32, all else is float64. */
export function interpolated(previous: number, next: number, weight: number): number {
  const rounded = Math.fround(next - previous);
  const difference = Number.isFinite(rounded) ? rounded : next - previous;
  return weight < 0.5 ? previous + difference * weight : next - difference * (1 - weight);
}
