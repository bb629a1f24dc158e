const ZERO = 48;
const [PLUS, MINUS, DOT, LOWER_E] = [43, 45, 46, 101];

/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** The most digits of a decimal that a double holds exactly, whatever they are. */
const EXACT_DIGITS = 15;

/**
 * The number that `bytes[from, to)` write in decimal, rounded to a double and then to float32, as C's `atof` and a cast do; NaN for anything that
 * is no decimal number (`nan`, `inf` and hexadecimals too), infinity beyond float32.
 *
 * Up to 15 digits m and a power of ten p <= 10^22, m * p and m / p are rounded once and so exact in this sense. Of more digits the first 15 give a
 * lower and an upper neighbour of the number; where both round to the same float32, so does the number. All else goes through `Number`.
 */
export function parseFloat32(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  const negative = bytes[at] === MINUS;
  if (negative || bytes[at] === PLUS) at++;
  const first = at;
  let mantissa = 0;
  let digits = 0;
  let scale = 0;
  let points = 0;
  let dropped = false;
  for (; at < to; at++) {
    const digit = bytes[at] - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (digits < EXACT_DIGITS) {
        mantissa = mantissa * 10 + digit;
        if (mantissa > 0) digits++;
        scale -= points;
      } else {
        dropped ||= digit > 0;
        scale += 1 - points;
      }
    } else if (bytes[at] === DOT && points === 0) points = 1;
    else break;
  }
  if (at - first === points) return Number.NaN;
  if (at < to) {
    const exponent = exponentOf(bytes, at, to);
    if (Number.isNaN(exponent)) return Number.NaN;
    scale += exponent;
  }
  if (mantissa === 0) return 0;
  const low = Math.fround(scaled(mantissa, scale));
  if (!Number.isNaN(low) && (!dropped || low === Math.fround(scaled(mantissa + 1, scale)))) return negative ? -low : low;
  // What underflows is 0, not -0.
  return Math.fround(Number(text(bytes, from, to))) + 0;
}

/** The integer that `bytes[from, to)` write (`1`, `-2`, `1.0`); NaN for anything else, and beyond 2^24, where float32 ends to hold every one. */
export function parseInteger(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to && value >= 0; at++) {
    const digit = bytes[at] - ZERO;
    value = digit >= 0 && digit <= 9 && at - from < 8 ? value * 10 + digit : -1;
  }
  if (value < 0 || from === to) {
    const written = text(bytes, from, to);
    value = /^[+-]?\d+(\.0*)?$/.test(written) ? Number(written) + 0 : Number.NaN;
  }
  return Math.abs(value) <= 2 ** 24 ? value : Number.NaN;
}

/** m times 10^scale, rounded once; NaN where that takes more than one rounding. */
function scaled(mantissa: number, scale: number): number {
  if (scale < 0) return scale >= -22 ? mantissa / POWERS[-scale] : Number.NaN;
  return scale <= 22 ? mantissa * POWERS[scale] : Number.NaN;
}

/** What `e-12` says; NaN when it is no exponent. */
function exponentOf(bytes: Uint8Array, from: number, to: number): number {
  if ((bytes[from] | 0x20) !== LOWER_E) return Number.NaN;
  let at = from + 1;
  const negative = bytes[at] === MINUS;
  if (negative || bytes[at] === PLUS) at++;
  if (at >= to) return Number.NaN;
  let value = 0;
  for (; at < to; at++) {
    const digit = bytes[at] - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = Math.min(value * 10 + digit, 1e6);
  }
  return negative ? -value : value;
}

/** Bytes as text, for messages and slow paths. */
export function text(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString();
}
