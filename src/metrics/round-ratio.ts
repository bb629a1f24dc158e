const float = new Float64Array(1);
const bits = new BigUint64Array(float.buffer);
const FRACTION = (1n << 52n) - 1n;

/** An integer times a power of two: `mantissa * 2 ** exponent`. Every finite double is one. */
export interface Dyadic {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** A finite double, exactly. */
export function dyadic(x: number): Dyadic {
  float[0] = Math.abs(x);
  const field = Number(bits[0] >> 52n);
  const mantissa = field === 0 ? bits[0] : (bits[0] & FRACTION) | (FRACTION + 1n);
  return { mantissa: x < 0 ? -mantissa : mantissa, exponent: Math.max(field, 1) - 1075 };
}

/** Number of binary digits of a positive integer. */
export function bitLength(n: bigint): number {
  const hex = n.toString(16);
  return hex.length * 4 + 28 - Math.clz32(Number.parseInt(hex[0], 16));
}

/**
 * The double nearest to `mantissa * 2 ** exponent / denominator` (ties to even), rounded once; subnormals included. What IEEE 754 demands of a
 * division, but for numbers that no double holds. Beyond the largest double it is an infinity; a zero is +0.
 * @param denominator a positive integer
 */
export function roundRatio({ mantissa, exponent }: Dyadic, denominator = 1n): number {
  if (mantissa === 0n) return 0;
  const magnitude = mantissa < 0n ? -mantissa : mantissa;
  // A quotient of at least 56 bits, and one more that tells whether the division left a rest: enough to round right.
  const shift = Math.max(0, 56 - bitLength(magnitude) + bitLength(denominator));
  const dividend = magnitude << BigInt(shift);
  const quotient = dividend / denominator;
  const digits = (quotient << 1n) | (quotient * denominator === dividend ? 0n : 1n);
  const lowest = exponent - shift - 1;
  const dropped = Math.max(bitLength(digits) - 53, -1074 - lowest);
  let kept = digits >> BigInt(dropped);
  const rest = digits - (kept << BigInt(dropped));
  const half = 1n << BigInt(dropped - 1);
  if (rest > half || (rest === half && (kept & 1n) === 1n)) kept++;
  const unit = lowest + dropped;
  if (unit > 971) return mantissa < 0n ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  // Added, not joined by "or": a carry out of the fraction then moves the exponent up, as it should (for subnormals too).
  bits[0] = (BigInt(unit + 1074) << 52n) + kept;
  return mantissa < 0n ? 0 - float[0] : float[0];
}
