import type { Distance, Matrix } from '../../src/data/matrix.js';
import { canonicalDistance } from '../../src/search/canonical.js';

/** Vectors on a coarse grid: many ties, many duplicates. */
export function grid(rows: number, dim: number, seed: number, levels = 3): Matrix {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return { data: Float32Array.from({ length: rows * dim }, () => Math.floor(next() * levels) - 1), rows, dim };
}

/** The definition: every distance, sorted by (distance, row). */
export function bruteForce(gallery: Matrix, query: Float32Array, distance: Distance, k: number, ignored: (row: number) => boolean) {
  const all = Array.from({ length: gallery.rows }, (_, row) => row)
    .filter((row) => !ignored(row))
    .map((row) => [canonicalDistance(distance, query, gallery.data.subarray(row * gallery.dim, (row + 1) * gallery.dim)), row]);
  all.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return all.slice(0, k);
}
