import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DISTANCES, type Distance } from '../../src/data/matrix.js';
import { VectorStore } from '../../src/data/vector-store.js';
import { canonicalDistance } from '../../src/search/canonical.js';
import { openScorer } from '../../src/search/scoring.js';

const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e18), max: Math.fround(1e18) });

/** Rows of one dimension, some of them zero and some equal. */
const rows = fc
  .integer({ min: 1, max: 13 })
  .chain((dim) =>
    fc.array(
      fc.oneof(
        fc.array(float, { minLength: dim, maxLength: dim }),
        fc.constant(new Array<number>(dim).fill(0)),
        fc.constant(new Array<number>(dim).fill(0.5)),
      ),
      { minLength: 2, maxLength: 11 },
    ),
  );

function distancesInWasm(distance: Distance, vectors: number[][]): Float32Array {
  const dim = vectors[0].length;
  const store = new VectorStore(dim);
  store.append({ data: Float32Array.from(vectors.slice(1).flat()), rows: vectors.length - 1, dim });
  const scorer = openScorer(store.shards[0], dim, distance);
  scorer.query(Float32Array.from(vectors[0]));
  const ids = Int32Array.from({ length: vectors.length - 1 }, (_, i) => i);
  return scorer.distances(ids, 0, ids.length).slice(0, ids.length);
}

describe('canonical distances', () => {
  it.each(DISTANCES)('%s: WebAssembly agrees with JavaScript to the bit', (distance) => {
    fc.assert(
      fc.property(rows, (vectors) => {
        const [query, ...gallery] = vectors.map((vector) => Float32Array.from(vector));
        const expected = gallery.map((row) => canonicalDistance(distance, query, row));
        expect([...distancesInWasm(distance, vectors)]).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['l2', 'cosine'] as const)('%s: symmetric, not negative, 0 for identical vectors', (distance) => {
    fc.assert(
      fc.property(rows, ([x, y]) => {
        const d = canonicalDistance(distance, x.map(Math.fround), y.map(Math.fround));
        expect(d).toBe(canonicalDistance(distance, y.map(Math.fround), x.map(Math.fround)));
        expect(d).toBeGreaterThanOrEqual(0);
        const isZero = x.every((value) => value === 0);
        expect(canonicalDistance(distance, x, x)).toBe(distance === 'cosine' && isZero ? 1 : 0);
      }),
    );
  });

  it('computes what the formulas say', () => {
    expect(canonicalDistance('l2', [0, 3, 0], [4, 0, 0])).toBe(5);
    expect(canonicalDistance('ip', [1, 2, 3], [4, 5, 6])).toBe(-32);
    expect(canonicalDistance('cosine', [1, 0], [0, 2])).toBe(1);
    expect(canonicalDistance('cosine', [1, 1], [-3, -3])).toBe(2);
  });

  it('stores -0 as +0', () => {
    expect(Object.is(canonicalDistance('ip', [0, 1], [1, 0]), 0)).toBe(true);
  });

  it('keeps digits that the expanded form loses', () => {
    const x = Float32Array.from({ length: 384 }, (_, i) => Math.sin(i) * 20);
    const y = x.map((value, i) => (i === 7 ? value + 1e-5 : value));
    expect(canonicalDistance('l2', x, y)).toBeCloseTo(Math.abs(y[7] - x[7]), 10);
  });
});
