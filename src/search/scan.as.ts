// AssemblyScript: looks through the integer products of the int8 pass. The score of a column is
//   bias - (factor * product) * scale                                    in float32, in this order of operations everywhere
// and the columns of a group (16, 32 or 64 of them) share one minimum, so that most groups are passed over by one comparison.

/** Columns whose bias and scale stay in the first-level cache while all queries of a block pass over them. */
const CHUNK: i32 = 2048;

function score(products: usize, bias: usize, scale: usize, factor: v128, o: usize): v128 {
  const scaled = f32x4.mul(f32x4.mul(factor, f32x4.convert_i32x4_s(v128.load(products + o))), v128.load(scale + o));
  return f32x4.sub(v128.load(bias + o), scaled);
}

/** minima[q * groups + g] = the smallest score of query q in group g; products is int32[rows x columns], factors float32[rows]. */
export function minima(products: usize, rows: i32, columns: i32, width: i32, bias: usize, scale: usize, factors: usize, out: usize): void {
  const groups = columns / width;
  const bytes = <usize>columns << 2;
  for (let first = 0; first < columns; first += CHUNK) {
    const end = min(columns, first + CHUNK);
    for (let q = 0; q < rows; q++) {
      const factor = v128.load32_splat(factors + (<usize>q << 2));
      const row = products + <usize>q * bytes;
      let to = out + ((<usize>q * groups + first / width) << 2);
      for (let column = first; column < end; column += width) {
        let o = <usize>column << 2;
        const stop = o + (<usize>width << 2);
        let a = score(row, bias, scale, factor, o);
        let b = score(row, bias, scale, factor, o + 16);
        a = f32x4.pmin(a, score(row, bias, scale, factor, o + 32));
        b = f32x4.pmin(b, score(row, bias, scale, factor, o + 48));
        for (o += 64; o < stop; o += 64) {
          a = f32x4.pmin(a, score(row, bias, scale, factor, o));
          b = f32x4.pmin(b, score(row, bias, scale, factor, o + 16));
          a = f32x4.pmin(a, score(row, bias, scale, factor, o + 32));
          b = f32x4.pmin(b, score(row, bias, scale, factor, o + 48));
        }
        a = f32x4.pmin(a, b);
        a = f32x4.pmin(a, i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
        a = f32x4.pmin(a, i8x16.shuffle(a, a, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
        store<f32>(to, f32x4.extract_lane(a, 0));
        to += 4;
      }
    }
  }
}

/** Every score of one query, float32[columns]. */
export function scores(products: usize, columns: i32, bias: usize, scale: usize, factor: f32, out: usize): void {
  const splat = f32x4.splat(factor);
  const end = <usize>columns << 2;
  for (let o: usize = 0; o < end; o += 16) v128.store(out + o, score(products, bias, scale, splat, o));
}

/**
 * Writes the columns of one query whose score lies above `over` and is at most `at` + r * residual + h * norm + error, of the 64 columns around it.
 * Returns how many there are; writing stops at `most`.
 */
export function collect(
  products: usize, columns: i32, width: i32, bias: usize, scale: usize, factor: f32, mins: usize,
  residuals: usize, norms: usize, errors: usize, over: f32, at: f32, r: f32, h: f32, out: usize, most: i32,
): i32 {
  const splat = f32x4.splat(factor), low = f32x4.splat(over);
  let count = 0;
  for (let column = 0, g: usize = 0; column < columns; column += width, g += 4) {
    const around = <usize>(column >> 6) << 2;
    const limit = at + r * load<f32>(residuals + around) + h * load<f32>(norms + around) + load<f32>(errors + around);
    if (load<f32>(mins + g) > limit) continue;
    const high = f32x4.splat(limit);
    for (let c = column; c < column + width; c += 4) {
      const s = score(products, bias, scale, splat, <usize>c << 2);
      let mask = i32x4.bitmask(v128.and(f32x4.le(s, high), f32x4.gt(s, low)));
      while (mask != 0) {
        if (count < most) store<i32>(out + (<usize>count << 2), c + ctz(mask));
        count++;
        mask &= mask - 1;
      }
    }
  }
  return count;
}

/** The k-th smallest, from 0, of n floats without NaN; reorders them (Hoare's selection). */
export function select(values: usize, n: i32, k: i32): f32 {
  let left = 0, right = n - 1;
  while (left < right) {
    const pivot = middle(at(values, left), at(values, (left + right) >> 1), at(values, right));
    let i = left, j = right;
    while (i <= j) {
      while (at(values, i) < pivot) i++;
      while (at(values, j) > pivot) j--;
      if (i <= j) {
        const x = at(values, i);
        put(values, i, at(values, j));
        put(values, j, x);
        i++;
        j--;
      }
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else break;
  }
  return at(values, k);
}

function at(values: usize, i: i32): f32 {
  return load<f32>(values + (<usize>i << 2));
}

function put(values: usize, i: i32, x: f32): void {
  store<f32>(values + (<usize>i << 2), x);
}

function middle(a: f32, b: f32, c: f32): f32 {
  return max(min(a, b), min(max(a, b), c));
}
