const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Float32 as IEEE 754 half precision, rounded to nearest, ties to even; beyond 65,504 infinity. */
export function toFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    float[0] = values[i];
    const sign = (bits[0] >>> 16) & 0x8000;
    halves[i] = sign | magnitude(Math.abs(values[i]), bits[0] & 0x7fffffff);
  }
  return halves;
}

/** @param pattern the bits of `value`, as float32 */
function magnitude(value: number, pattern: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  // Halfway from the largest half to the next one that there would be.
  if (value >= 65520) return 0x7c00;
  // Subnormal halves are multiples of 2^-24, as are the float32 from 0.5 to 1: their addition does the rounding.
  if (value < 2 ** -14) {
    float[0] = value + 0.5;
    return bits[0] - 0x3f000000;
  }
  const odd = (pattern >>> 13) & 1;
  return (pattern - (112 << 23) + 0xfff + odd) >>> 13;
}

/** Half precision as float32, exactly. */
export function fromFloat16(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (half) => {
    const [sign, exponent, fraction] = [half & 0x8000 ? -1 : 1, (half >>> 10) & 31, half & 1023];
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}
