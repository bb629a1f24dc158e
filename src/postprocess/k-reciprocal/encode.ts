import type { Neighbours } from './neighbours.js';
import { SparseBuilder, type SparseRows } from './sparse-rows.js';

/**
 * The k-reciprocal feature of every row of a set: how much each other row belongs to its expanded k-reciprocal neighbours, the sum being 1. Formulas
 * and conventions: `kReciprocal`.
 */
export function encode(neighbours: Neighbours, k1: number, k2: number): SparseRows {
  return averaged(neighbours, memberships(neighbours, k1), k2);
}

/** The neighbours that have the row among their own: of row i, `ids[i * width] ... ids[i * width + counts[i] - 1]`. */
interface Reciprocal {
  readonly width: number;
  readonly ids: Int32Array;
  readonly counts: Int32Array;
}

/** R(i, k): the row itself and the others that are, each way, among the k nearest. */
function reciprocalOf({ rows, width: all, ids }: Neighbours, k: number): Reciprocal {
  const width = Math.min(k + 1, all);
  const reciprocal = { width, ids: new Int32Array(rows * width), counts: new Int32Array(rows) };
  for (let i = 0; i < rows; i++) {
    for (let n = 0; n < width; n++) {
      const other = ids[i * all + n];
      for (let m = 0; m < width; m++) {
        if (ids[other * all + m] !== i) continue;
        reciprocal.ids[i * width + reciprocal.counts[i]++] = other;
        break;
      }
    }
  }
  return reciprocal;
}

/** V: exp(-d) of the rows of R*, the sum of each row being 1. */
function memberships(neighbours: Neighbours, k1: number): SparseRows {
  const { rows } = neighbours;
  const whole = reciprocalOf(neighbours, k1);
  const half = reciprocalOf(neighbours, halfOf(k1));
  const vectors = new SparseBuilder(rows);
  /** The last row i that has the row in R(i, k1), and in R*(i, k1). */
  const [inSet, inExpansion] = [new Int32Array(rows).fill(-1), new Int32Array(rows).fill(-1)];
  const expansion = new Int32Array(rows);
  const weights = new Float32Array(rows);
  for (let i = 0; i < rows; i++) {
    let count = 0;
    const add = (row: number) => {
      if (inExpansion[row] === i) return;
      inExpansion[row] = i;
      expansion[count++] = row;
    };
    const own = whole.ids.subarray(i * whole.width, i * whole.width + whole.counts[i]);
    for (const row of own) {
      inSet[row] = i;
      add(row);
    }
    for (const row of own) {
      const [start, end] = [row * half.width, row * half.width + half.counts[row]];
      let common = 0;
      for (let n = start; n < end; n++) if (inSet[half.ids[n]] === i) common++;
      if (3 * common > 2 * (end - start)) for (let n = start; n < end; n++) add(half.ids[n]);
    }
    neighbours.relative(i, expansion.subarray(0, count), weights);
    let sum = 0;
    for (let n = 0; n < count; n++) {
      weights[n] = Math.exp(-weights[n]);
      sum += weights[n];
    }
    for (let n = 0; n < count; n++) vectors.add(expansion[n], weights[n] / sum);
    vectors.endRow();
  }
  return vectors.done();
}

/** Local query expansion: the mean of V over each row and its k2 - 1 nearest. */
function averaged({ rows, width, ids }: Neighbours, vectors: SparseRows, k2: number): SparseRows {
  const most = Math.min(k2, width);
  if (most === 1) return vectors;
  const means = new SparseBuilder(rows);
  const sums = new Float64Array(rows);
  const touched = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    let count = 0;
    for (let n = i * width; n < i * width + most; n++) {
      for (let v = vectors.offsets[ids[n]]; v < vectors.offsets[ids[n] + 1]; v++) {
        const id = vectors.ids[v];
        if (sums[id] === 0) touched[count++] = id;
        sums[id] += vectors.values[v];
      }
    }
    for (let n = 0; n < count; n++) {
      means.add(touched[n], sums[touched[n]] / most);
      sums[touched[n]] = 0;
    }
    means.endRow();
  }
  return means.done();
}

/** Half of k, rounded to the nearest whole number, and from halfway to the even one, as numpy's `around` does. */
function halfOf(k: number): number {
  const half = k / 2;
  return Number.isInteger(half) ? half : 2 * Math.round(half / 2);
}
