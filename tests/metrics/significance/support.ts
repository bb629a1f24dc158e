import { readFileSync } from 'node:fs';
import fc from 'fast-check';

/** A pair of systems, and what scipy finds of them. */
export interface ReferencePair {
  readonly baseline: number[];
  readonly values: number[];
  readonly t: number;
  readonly df: number;
  readonly t_p: number;
  readonly randomisation_p: number;
  readonly interval: [number, number];
}

/** See tests/fixtures/significance/generate.py. */
export const reference: {
  readonly exact: ReferencePair[];
  readonly sampled: ReferencePair[];
  readonly t_distribution: { t: number; df: number; p: number }[];
  readonly families: { p: number[]; holm: number[]; bonferroni: number[] }[];
  readonly xoshiro128: { state: [number, number, number, number]; first: number[] };
} = JSON.parse(readFileSync(new URL('../../fixtures/significance/reference.json', import.meta.url), 'utf8'));

/** What a generator of work returns when it is done. */
export function finished<T>(work: Generator<number, T>): T {
  let before = 0;
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    if (value < before || value > 1) throw new Error(`progress went from ${before} to ${value}`);
    before = value;
  }
}

/** A share p / q, as metrics give them. */
export const share = fc.integer({ min: 1, max: 9 }).chain((q) => fc.tuple(fc.integer({ min: 0, max: q }), fc.constant(q)));
/** The least common multiple of 1 to 9: shares are integers when multiplied by it. */
export const COMMON = 2520;
