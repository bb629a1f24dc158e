// AssemblyScript: the canonical distances of canonical.ts for many gallery rows at once, to the bit.
// Two float64 lanes hold accumulators 0 and 1, two more hold 2 and 3. Four rows advance together, because rows are scattered over a gallery
// that does not fit the cache: the loads of one hide the latency of the others (measured 2.3 times faster than row by row).

const SQUARES: i32 = 0;
const PRODUCTS: i32 = 1;
const UNIT_SQUARES: i32 = 2;

/** out[j] = sum (q - row)^2 for row = gallery + ids[j] * dim; q is float64[dim], ids is int32[m], out is float64[m]. */
export function squares(q: usize, gallery: usize, ids: usize, m: i32, dim: i32, norms: usize, out: usize): void {
  gather(SQUARES, q, gallery, ids, m, dim, norms, out);
}

/** out[j] = sum q * row. */
export function products(q: usize, gallery: usize, ids: usize, m: i32, dim: i32, norms: usize, out: usize): void {
  gather(PRODUCTS, q, gallery, ids, m, dim, norms, out);
}

/** out[j] = sum (q - row / norms[j])^2; q is already divided by its norm. */
export function unitSquares(q: usize, gallery: usize, ids: usize, m: i32, dim: i32, norms: usize, out: usize): void {
  gather(UNIT_SQUARES, q, gallery, ids, m, dim, norms, out);
}

/** out[j] = sum row^2 of rows first ... first + m - 1. */
export function squaredNorms(gallery: usize, first: i32, m: i32, dim: i32, out: usize): void {
  const zero = f64x2.splat(0);
  for (let j = 0; j < m; j++) {
    const row = gallery + <usize>(first + j) * (<usize>dim << 2);
    let a = zero, b = zero;
    const full = dim & ~3;
    let i = 0;
    for (; i < full; i += 4) {
      const v = v128.load(row + (<usize>i << 2));
      a = f64x2.add(a, f64x2.mul(low(v), low(v)));
      b = f64x2.add(b, f64x2.mul(high(v), high(v)));
    }
    for (; i < dim; i++) {
      const x = <f64>load<f32>(row + (<usize>i << 2));
      if ((i & 2) == 0) a = lane(a, i, x * x);
      else b = lane(b, i, x * x);
    }
    store<f64>(out + (<usize>j << 3), total(a, b));
  }
}

@inline
function gather(mode: i32, q: usize, gallery: usize, ids: usize, m: i32, dim: i32, norms: usize, out: usize): void {
  const bytes = <usize>dim << 2;
  const full = dim & ~3;
  let j = 0;
  for (; j + 4 <= m; j += 4) {
    const id = ids + (<usize>j << 2);
    const r0 = gallery + <usize>load<i32>(id) * bytes, r1 = gallery + <usize>load<i32>(id, 4) * bytes;
    const r2 = gallery + <usize>load<i32>(id, 8) * bytes, r3 = gallery + <usize>load<i32>(id, 12) * bytes;
    const at = norms + (<usize>j << 3);
    const n0 = norm(mode, at), n1 = norm(mode, at + 8), n2 = norm(mode, at + 16), n3 = norm(mode, at + 24);
    let a0 = f64x2.splat(0), b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0, a3 = a0, b3 = a0;
    for (let i = 0; i < full; i += 4) {
      const o = <usize>i << 2;
      const qa = v128.load(q + (o << 1)), qb = v128.load(q + (o << 1), 16);
      let v = v128.load(r0 + o);
      a0 = f64x2.add(a0, term(mode, qa, low(v), n0)); b0 = f64x2.add(b0, term(mode, qb, high(v), n0));
      v = v128.load(r1 + o);
      a1 = f64x2.add(a1, term(mode, qa, low(v), n1)); b1 = f64x2.add(b1, term(mode, qb, high(v), n1));
      v = v128.load(r2 + o);
      a2 = f64x2.add(a2, term(mode, qa, low(v), n2)); b2 = f64x2.add(b2, term(mode, qb, high(v), n2));
      v = v128.load(r3 + o);
      a3 = f64x2.add(a3, term(mode, qa, low(v), n3)); b3 = f64x2.add(b3, term(mode, qb, high(v), n3));
    }
    const to = out + (<usize>j << 3);
    store<f64>(to, finish(mode, q, r0, full, dim, a0, b0, n0));
    store<f64>(to, finish(mode, q, r1, full, dim, a1, b1, n1), 8);
    store<f64>(to, finish(mode, q, r2, full, dim, a2, b2, n2), 16);
    store<f64>(to, finish(mode, q, r3, full, dim, a3, b3, n3), 24);
  }
  for (; j < m; j++) {
    const row = gallery + <usize>load<i32>(ids + (<usize>j << 2)) * bytes;
    const n = norm(mode, norms + (<usize>j << 3));
    let a = f64x2.splat(0), b = a;
    for (let i = 0; i < full; i += 4) {
      const o = <usize>i << 2;
      const v = v128.load(row + o);
      a = f64x2.add(a, term(mode, v128.load(q + (o << 1)), low(v), n));
      b = f64x2.add(b, term(mode, v128.load(q + (o << 1), 16), high(v), n));
    }
    store<f64>(out + (<usize>j << 3), finish(mode, q, row, full, dim, a, b, n));
  }
}

/** Adds the last dim mod 4 elements to their accumulators, then all four together. */
@inline
function finish(mode: i32, q: usize, row: usize, full: i32, dim: i32, a: v128, b: v128, n: v128): f64 {
  for (let i = full; i < dim; i++) {
    const x = f64x2.splat(load<f64>(q + (<usize>i << 3)));
    const y = f64x2.splat(<f64>load<f32>(row + (<usize>i << 2)));
    const t = f64x2.extract_lane(term(mode, x, y, n), 0);
    if ((i & 2) == 0) a = lane(a, i, t);
    else b = lane(b, i, t);
  }
  return total(a, b);
}

@inline
function term(mode: i32, q: v128, y: v128, n: v128): v128 {
  if (mode == PRODUCTS) return f64x2.mul(q, y);
  const d = f64x2.sub(q, mode == UNIT_SQUARES ? f64x2.div(y, n) : y);
  return f64x2.mul(d, d);
}

@inline
function norm(mode: i32, at: usize): v128 {
  return mode == UNIT_SQUARES ? f64x2.splat(load<f64>(at)) : f64x2.splat(0);
}

/** Adds t to lane i mod 2. */
@inline
function lane(sums: v128, i: i32, t: f64): v128 {
  return (i & 1) == 0
    ? f64x2.replace_lane(sums, 0, f64x2.extract_lane(sums, 0) + t)
    : f64x2.replace_lane(sums, 1, f64x2.extract_lane(sums, 1) + t);
}

@inline
function low(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

@inline
function high(v: v128): v128 {
  return f64x2.promote_low_f32x4(i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
}

@inline
function total(a: v128, b: v128): f64 {
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1) + (f64x2.extract_lane(b, 0) + f64x2.extract_lane(b, 1));
}
