/** Values that agree to this share of the larger are equal but for the rounding of the metric: twelve digits. */
const ROUNDING = 2 ** -40;

/**
 * What each query gains: `values[i] - baseline[i]`, and 0 where the two agree to twelve digits (the same share, reached by other roundings, is a tie
 * in every test).
 * @param into where to write; as long as the values
 */
export function pairedDifferences(
  values: Float64Array,
  baseline: Float64Array,
  into: Float64Array = new Float64Array(values.length),
): Float64Array {
  for (let i = 0; i < values.length; i++) {
    const difference = values[i] - baseline[i];
    into[i] = Math.abs(difference) <= ROUNDING * Math.max(Math.abs(values[i]), Math.abs(baseline[i])) ? 0 : difference;
  }
  return into;
}

/** Differences as integers, whose sums are exact in doubles. */
export interface Units {
  /** How many units each difference has, rounded: at most half a unit off. */
  readonly units: Float64Array;
  /** How many differences are not 0. */
  readonly nonZero: number;
}

/**
 * Differences as multiples of a unit that is so fine (2^-40 of the largest difference, or as fine as the number of queries allows) that no metric
 * tells the two apart, and so coarse that any sum of them is an exact integer: sums are then equal or not, whatever the order of addition.
 */
export function inUnits(differences: Float64Array): Units {
  let largest = 0;
  let nonZero = 0;
  for (let i = 0; i < differences.length; i++) {
    if (differences[i] !== 0) nonZero++;
    largest = Math.max(largest, Math.abs(differences[i]));
  }
  const scale = 2 ** Math.min(40, 52 - Math.ceil(Math.log2(differences.length + 1)));
  // Rounded without regard to the sign, so that a test does not change when two systems change places.
  const units =
    largest === 0
      ? new Float64Array(differences.length)
      : differences.map((d) => Math.sign(d) * Math.round((Math.abs(d) / largest) * scale));
  return { units, nonZero };
}
