import fc from 'fast-check';
import type { Matrix } from '../../src/data/matrix.js';
import { randomOf } from '../../src/data/random.js';
import { nextUp } from '../../src/search/order.js';

/** Gallery and queries that are hard to search. */
export interface World {
  readonly gallery: Matrix;
  readonly queries: Matrix;
}

type Random = () => number;

const normal = (random: Random) => random() + random() + random() + random() - 2;

/** How the vectors of a world lie; each gives one vector. */
const KINDS: Readonly<Record<string, (random: Random, dim: number) => (i: number) => Float32Array>> = {
  scattered: (random, dim) => () => Float32Array.from({ length: dim }, () => normal(random)),
  'far from the origin': (random, dim) => () => Float32Array.from({ length: dim }, () => 100 + 0.01 * normal(random)),
  clustered: (random, dim) => {
    const centres = Array.from({ length: 5 }, () => Float32Array.from({ length: dim }, () => normal(random)));
    return (i) => centres[i % 5].map((x) => x + 1e-3 * normal(random));
  },
  duplicated: (random, dim) => {
    const few = Array.from({ length: 7 }, () => Float32Array.from({ length: dim }, () => normal(random)));
    return () => few[Math.floor(random() * 7)];
  },
  'one step of float32 apart': (random, dim) => {
    const centre = Float32Array.from({ length: dim }, () => normal(random));
    return () => centre.map((x) => (random() < 0.7 ? x : nextUp(x)));
  },
  'of every size': (random, dim) => () => {
    const size = 10 ** (random() * 30 - 15);
    return Float32Array.from({ length: dim }, () => size * normal(random));
  },
  tiny: (random, dim) => () => Float32Array.from({ length: dim }, () => normal(random) * 1e-40),
  'sometimes zero': (random, dim) => () =>
    Float32Array.from({ length: dim }, () => (random() < 0.5 ? 0 : -0)).map((x) => (random() < 0.3 ? 1 : x)),
  'with one dimension that outweighs the others': (random, dim) => () =>
    Float32Array.from({ length: dim }, (_, d) => (d === 0 ? 1000 : 1) * normal(random)),
};

export const WORLD_KINDS = Object.keys(KINDS);

/** A world of a kind; half of its queries stand in the gallery. */
export function worldOf(kind: string, seed: number, rows: number, queries: number, dim: number): World {
  const random = randomOf(seed);
  const make = KINDS[kind](random, dim);
  const matrix = (vectors: Float32Array[]): Matrix => {
    const data = new Float32Array(vectors.length * dim);
    for (const [i, vector] of vectors.entries()) data.set(vector, i * dim);
    return { data, rows: vectors.length, dim };
  };
  const gallery = Array.from({ length: rows }, (_, i) => make(i));
  return {
    gallery: matrix(gallery),
    queries: matrix(Array.from({ length: queries }, (_, i) => (i % 2 === 0 ? gallery[Math.floor(random() * rows)] : make(i)))),
  };
}

/** Sizes and k, small and degenerate ones among them. */
export const sizes = fc.record({
  seed: fc.integer(),
  rows: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 60, max: 70 }), fc.integer({ min: 300, max: 1500 })),
  queries: fc.integer({ min: 1, max: 5 }),
  dim: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 9 }), fc.integer({ min: 30, max: 70 })),
  k: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 2000 })),
});
