/*
 * Order-preserving keys of float32 values: integers from 0 to 2^32 - 1 whose order is that of the values, so that consecutive values have
 * consecutive keys. -0 has the key of +0.
 */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Keys are below this. */
export const KEYS = 2 ** 32;

/** The key of a value, rounded to float32. */
export function keyOf(value: number): number {
  float[0] = value + 0;
  return (bits[0] & 0x80000000 ? ~bits[0] : bits[0] | 0x80000000) >>> 0;
}

/** The float32 value of a key. */
export function floatOf(key: number): number {
  bits[0] = key & 0x80000000 ? key ^ 0x80000000 : ~key;
  return float[0];
}

/** The key of the smallest float32 that is not below a finite number. */
export function ceilKey(value: number): number {
  const key = keyOf(value);
  return floatOf(key) < value ? key + 1 : key;
}
