// AssemblyScript: lines of pixels as weighted sums of others, in 32-bit integers with 22 bits behind the point, rounded and clamped to bytes.
// What lies between the loops is 16 bytes at a time; lines may be read 15 bytes beyond their end, and written so by `mixLines`.

const BITS: i32 = 22;

/** Four bytes as int32. */
function wide(p: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(p)));
}

/** Sums of four times four lanes as bytes. */
function bytesOf(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_u(
    i16x8.narrow_i32x4_s(i32x4.shr_s(a, BITS), i32x4.shr_s(b, BITS)),
    i16x8.narrow_i32x4_s(i32x4.shr_s(c, BITS), i32x4.shr_s(d, BITS)),
  );
}

/**
 * Four lines of RGB, each with `columns` pixels made of `from` pixels.
 * @param weights int32: `columns` starts, `columns` counts, then `most` weights for each column
 */
export function squeezeColour(lines: usize, from: i32, weights: usize, columns: i32, most: i32, out: usize): void {
  const line = <usize>from * 3, made = <usize>columns * 3, counts = <usize>columns << 2;
  const half = i32x4.splat(1 << (BITS - 1));
  let values = weights + 2 * counts;
  for (let x = 0; x < columns; x++, weights += 4, values += <usize>most << 2, out += 3) {
    let p = lines + <usize>load<i32>(weights) * 3;
    let a = half, b = half, c = half, d = half;
    const end = values + (<usize>load<i32>(weights + counts) << 2);
    for (let v = values; v < end; v += 4, p += 3) {
      const w = v128.load32_splat(v);
      a = i32x4.add(a, i32x4.mul(wide(p), w));
      b = i32x4.add(b, i32x4.mul(wide(p + line), w));
      c = i32x4.add(c, i32x4.mul(wide(p + 2 * line), w));
      d = i32x4.add(d, i32x4.mul(wide(p + 3 * line), w));
    }
    const bytes = bytesOf(a, b, c, d);
    v128.store16_lane(out, bytes, 0);
    v128.store8_lane(out + 2, bytes, 2);
    v128.store16_lane(out + made, bytes, 2);
    v128.store8_lane(out + made + 2, bytes, 6);
    v128.store16_lane(out + 2 * made, bytes, 4);
    v128.store8_lane(out + 2 * made + 2, bytes, 10);
    v128.store16_lane(out + 3 * made, bytes, 6);
    v128.store8_lane(out + 3 * made + 2, bytes, 14);
  }
}

/** As `squeezeColour`, of one channel. */
export function squeezeGray(lines: usize, from: i32, weights: usize, columns: i32, most: i32, out: usize): void {
  const line = <usize>from, made = <usize>columns, counts = <usize>columns << 2;
  const half = i32x4.splat(1 << (BITS - 1)), none = i32x4.splat(0);
  let values = weights + 2 * counts;
  for (let x = 0; x < columns; x++, weights += 4, values += <usize>most << 2, out++) {
    let p = lines + <usize>load<i32>(weights);
    let a = half;
    const end = values + (<usize>load<i32>(weights + counts) << 2);
    for (let v = values; v < end; v += 4, p++) {
      const pixels = v128.load8_lane(
        p + 3 * line, v128.load8_lane(p + 2 * line, v128.load8_lane(p + line, v128.load8_lane(p, none, 0), 4), 8), 12,
      );
      a = i32x4.add(a, i32x4.mul(pixels, v128.load32_splat(v)));
    }
    const bytes = bytesOf(a, none, none, none);
    v128.store8_lane(out, bytes, 0);
    v128.store8_lane(out + made, bytes, 1);
    v128.store8_lane(out + 2 * made, bytes, 2);
    v128.store8_lane(out + 3 * made, bytes, 3);
  }
}

/** One line of `bytes` bytes from `count` lines, int32 weights at `values`. */
export function mixLines(lines: usize, bytes: usize, values: usize, count: i32, out: usize): void {
  const half = i32x4.splat(1 << (BITS - 1));
  const end = values + (<usize>count << 2);
  for (let i: usize = 0; i < bytes; i += 16) {
    let a = half, b = half, c = half, d = half;
    let p = lines + i;
    for (let v = values; v < end; v += 4, p += bytes) {
      const w = v128.load32_splat(v), sixteen = v128.load(p);
      const low = i16x8.extend_low_i8x16_u(sixteen), high = i16x8.extend_high_i8x16_u(sixteen);
      a = i32x4.add(a, i32x4.mul(i32x4.extend_low_i16x8_u(low), w));
      b = i32x4.add(b, i32x4.mul(i32x4.extend_high_i16x8_u(low), w));
      c = i32x4.add(c, i32x4.mul(i32x4.extend_low_i16x8_u(high), w));
      d = i32x4.add(d, i32x4.mul(i32x4.extend_high_i16x8_u(high), w));
    }
    v128.store(out + i, bytesOf(a, b, c, d));
  }
}
