import type { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { canonicalDistance } from '../../src/search/canonical.js';

/** The distances of k-reciprocal re-ranking (l2) by the equations, as sets and dense rows. @returns of a query and a gallery row */
export function naive(
  gallery: readonly (readonly number[])[],
  queries: EmbeddingBatch,
  { k1, k2, lambda }: { readonly k1: number; readonly k2: number; readonly lambda: number },
): (query: number, row: number) => number {
  const union = gallery.map((x) => [...x]);
  const place = Array.from({ length: queries.rows }, (_, q) => {
    const self = queries.self?.[q] ?? -1;
    return self >= 0 ? self : union.push([...queries.data.subarray(q * queries.dim, (q + 1) * queries.dim)]) - 1;
  });
  const rows = union.map((_, i) => i);
  const squares = union.map((x) => union.map((y) => canonicalDistance('l2', x, y) ** 2));
  const relative = squares.map((row) => row.map((value) => value / (Math.max(...row) || 1)));
  const ranked = rows.map((i) => rows.toSorted((a, b) => Number(b === i) - Number(a === i) || squares[i][a] - squares[i][b] || a - b));
  const nearest = (i: number, k: number) => ranked[i].slice(0, k + 1);
  const reciprocal = (i: number, k: number) => nearest(i, k).filter((j) => nearest(j, k).includes(i));
  // 0.5 and 2.5 go down to the even number, 1.5 and 3.5 go up.
  const half = k1 % 4 === 1 ? (k1 - 1) / 2 : Math.round(k1 / 2);
  const features = rows.map((i) => {
    const own = new Set(reciprocal(i, k1));
    const members = new Set(own);
    for (const j of own) {
      const others = reciprocal(j, half);
      if (others.filter((x) => own.has(x)).length * 3 > others.length * 2) for (const x of others) members.add(x);
    }
    const weights = rows.map((j) => (members.has(j) ? Math.exp(-relative[i][j]) : 0));
    const sum = weights.reduce((a, b) => a + b);
    return weights.map((weight) => weight / sum);
  });
  const means = rows.map((i) => {
    const group = nearest(i, k2 - 1);
    return rows.map((j) => group.reduce((sum, other) => sum + features[other][j], 0) / group.length);
  });
  return (query, row) => {
    const [f, g] = [means[place[query]], means[row]];
    const [least, most] = [Math.min, Math.max].map((pick) => rows.reduce((sum, j) => sum + pick(f[j], g[j]), 0));
    return (1 - lambda) * (1 - least / most) + lambda * relative[place[query]][row];
  };
}
