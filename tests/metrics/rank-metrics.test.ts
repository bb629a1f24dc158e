import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/data/errors.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { cmc } from '../../src/metrics/cmc.js';
import { map } from '../../src/metrics/map.js';
import { perQuery } from '../../src/metrics/mean-metric.js';
import { precision } from '../../src/metrics/precision.js';
import { anyQuery, naive, type Query, random, resultsOf, shuffled } from './support.js';

const families = { cmc, precision, map };
const queries = fc.array(anyQuery, { maxLength: 20 });
const anyK = fc.oneof(fc.integer({ min: 1, max: 15 }), fc.constant(1000));

describe.each(Object.entries(families))('%s@k', (name, family) => {
  it('agrees with its definition to the bit', () => {
    fc.assert(
      fc.property(queries, anyK, (all, k) => {
        expect([...perQuery(family(k), resultsOf(all))]).toEqual(all.map((query) => naive[name](query, k)));
      }),
    );
  });

  it('stays in [0, 1]', () => {
    fc.assert(
      fc.property(queries, anyK, (all, k) => {
        for (const value of perQuery(family(k), resultsOf(all))) expect(value >= 0 && value <= 1).toBe(true);
      }),
    );
  });

  it('gives permuted queries permuted values', () => {
    fc.assert(
      fc.property(queries, anyK, fc.nat(), (all, k, seed) => {
        const order = shuffled([...all.keys()], random(seed));
        const values = perQuery(family(k), resultsOf(all));
        const permuted = perQuery(family(k), resultsOf(order.map((q) => all[q])));
        expect([...permuted]).toEqual(order.map((q) => values[q]));
      }),
    );
  });

  it('does not change once k is beyond what was retrieved', () => {
    fc.assert(
      fc.property(queries, fc.integer({ min: 12, max: 500 }), (all, k) => {
        expect(perQuery(family(k), resultsOf(all))).toEqual(perQuery(family(12), resultsOf(all)));
      }),
    );
  });

  it('is 1 when the first items are all relevant', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 10 }), fc.nat({ max: 5 }), (k, hits, missed) => {
        const perfect: Query = { hits: Array(hits).fill(true), missed };
        expect([...perQuery(family(k), resultsOf([perfect]))]).toEqual([1]);
      }),
    );
  });

  it('follows the empty rules', () => {
    const all: Query[] = [
      { hits: [], missed: 0 },
      { hits: [], missed: 3 },
      { hits: [false, false], missed: 0 },
      { hits: [false, false], missed: 2 },
    ];
    for (const k of [1, 2, 100]) expect([...perQuery(family(k), resultsOf(all))]).toEqual([1, 0, 0, 0]);
  });

  it('has a name with its k, and is a mean', () => {
    expect(family(7)).toMatchObject({ name: `${name}@7`, reduce: 'mean' });
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])('refuses k = %s', (k) => {
    expect(() => family(k)).toThrow(new UserError(`metric ${name}@${k}: k must be a positive integer, not ${k}`));
  });

  it('needs relevance', () => {
    const rr = RetrievalResults.fromLists({ retrieved: [[1]], distances: [[0.5]] });
    expect(() => perQuery(family(1), rr)).toThrow(/what is relevant/);
  });
});

describe('cmc@k', () => {
  it('never falls with k', () => {
    fc.assert(
      fc.property(queries, fc.integer({ min: 1, max: 15 }), (all, k) => {
        const [small, large] = [perQuery(cmc(k), resultsOf(all)), perQuery(cmc(k + 1), resultsOf(all))];
        small.forEach((value, q) => {
          expect(large[q]).toBeGreaterThanOrEqual(value);
        });
      }),
    );
  });
});

describe('cases computed by hand', () => {
  interface HandCase {
    name: string;
    retrieved: number[];
    relevant: number[];
    expected: Record<string, Record<string, number | [number, number]>>;
  }
  const cases: HandCase[] = JSON.parse(readFileSync(new URL('../fixtures/metrics/by-hand.json', import.meta.url), 'utf8'));

  it('are there', () => {
    expect(cases.length).toBeGreaterThanOrEqual(8);
    for (const { expected } of cases) expect(Object.keys(expected)).toEqual(['cmc', 'precision', 'map']);
  });

  it.each(cases)('$name', ({ retrieved, relevant, expected }) => {
    const rr = RetrievalResults.fromLists({ retrieved: [retrieved], distances: [retrieved.map((_, i) => i)], relevant: [relevant] });
    for (const [name, family] of Object.entries(families)) {
      for (const [k, value] of Object.entries(expected[name])) {
        const wanted = typeof value === 'number' ? value : value[0] / value[1];
        expect(perQuery(family(Number(k)), rr)[0], `${name}@${k}`).toBeCloseTo(wanted, 14);
      }
    }
  });
});
