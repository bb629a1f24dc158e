// AssemblyScript: counts the pairs of one query and many gallery rows by distance. Of the product of the float32 pass it makes u, which grows with
// the distance alone, and looks up in which bin u - error and u + error lie. Where both lie in the same bin the pair is counted; every other pair is
// listed, to be scored canonically.

/**
 * u = scores + shift;   error = a * norms + extra + c, all float32. A cell of u is (u - base) * inverse; `cells` holds the slot of each cell, int16,
 * -1 where an edge of a bin lies in it. `classes` holds a byte for each row: which of the rows of counts it goes to. Counts are int32
 * [classes x 4 x slots]: neighbours have counters of their own, so that none waits for the last.
 * @returns how many are listed in `out`, int32
 */
export function tally(
  scores: usize, n: i32, shift: f32, a: f32, c: f32, norms: usize, extra: usize,
  base: f32, inverse: f32, last: f32, cells: usize, classes: usize, slots: i32, counts: usize, out: usize,
): i32 {
  const shifts = f32x4.splat(shift), as = f32x4.splat(a), cs = f32x4.splat(c);
  const bases = f32x4.splat(base), inverses = f32x4.splat(inverse), zero = f32x4.splat(0), lasts = f32x4.splat(last);
  const row = <usize>slots << 2;
  const full = n & ~3;
  let to = out;
  for (let j = 0; j < full; j += 4) {
    const o = <usize>j << 2;
    const u = f32x4.add(v128.load(scores + o), shifts);
    const e = f32x4.add(f32x4.add(f32x4.mul(as, v128.load(norms + o)), v128.load(extra + o)), cs);
    const low = i32x4.trunc_sat_f32x4_s(f32x4.min(f32x4.max(f32x4.mul(f32x4.sub(f32x4.sub(u, e), bases), inverses), zero), lasts));
    const high = i32x4.trunc_sat_f32x4_s(f32x4.min(f32x4.max(f32x4.mul(f32x4.sub(f32x4.add(u, e), bases), inverses), zero), lasts));
    const kinds = classes + <usize>j;
    to = one(cells, i32x4.extract_lane(low, 0), i32x4.extract_lane(high, 0), counts + counters(kinds, 0) * row, j, to);
    to = one(cells, i32x4.extract_lane(low, 1), i32x4.extract_lane(high, 1), counts + counters(kinds, 1) * row, j + 1, to);
    to = one(cells, i32x4.extract_lane(low, 2), i32x4.extract_lane(high, 2), counts + counters(kinds, 2) * row, j + 2, to);
    to = one(cells, i32x4.extract_lane(low, 3), i32x4.extract_lane(high, 3), counts + counters(kinds, 3) * row, j + 3, to);
  }
  for (let j = full; j < n; j++, to += 4) store<i32>(to, j);
  return <i32>((to - out) >> 2);
}

/** The row of counts of a lane's class. */
function counters(kinds: usize, lane: usize): usize {
  const kind = <usize>load<u8>(kinds + lane);
  return (kind << 2) + lane;
}

function one(cells: usize, low: i32, high: i32, counts: usize, j: i32, to: usize): usize {
  const slot = <i32>load<i16>(cells + (<usize>low << 1));
  if (slot >= 0 && slot == <i32>load<i16>(cells + (<usize>high << 1))) {
    const at = counts + (<usize>slot << 2);
    store<i32>(at, load<i32>(at) + 1);
    return to;
  }
  store<i32>(to, j);
  return to + 4;
}
