import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { textColumn } from '../../src/data/columns.js';
import { EmbeddingBatch } from '../../src/data/embedding-batch.js';
import { Covariance } from '../../src/metrics/covariance.js';
import { itemMetrics } from '../../src/metrics/item-metrics.js';
import { pcf, pcfMeasure } from '../../src/metrics/pcf.js';
import { goldenCases, hasGolden } from '../support/golden.js';
import { random } from './support.js';

interface Reference {
  readonly variances: number[];
  readonly pcf: { readonly name: string; readonly vectors: number[][]; readonly pcf: number[] }[];
}
const reference: Reference = JSON.parse(readFileSync(new URL('../fixtures/metrics/numpy-reference.json', import.meta.url), 'utf8'));

function batchOf(vectors: readonly (readonly number[])[], category?: readonly (string | null)[]): EmbeddingBatch {
  const matrix = { data: Float32Array.from(vectors.flat()), rows: vectors.length, dim: vectors[0]?.length ?? 1 };
  return EmbeddingBatch.fromMatrix(matrix, category && { category: textColumn([...category]) });
}

function pcfOf(variance: number, ...batches: EmbeddingBatch[]): number | null {
  const metric = pcf(variance);
  const state = metric.init();
  for (const batch of batches) metric.update(state, batch);
  return metric.value(state);
}

/** Vectors on a slant, of which some dimensions vary more than others. */
function slanted(rows: number, dim: number, seed: number, offset = 0): number[][] {
  const next = random(seed);
  return Array.from({ length: rows }, () => {
    const common = next() - 0.5;
    return Array.from({ length: dim }, (_, i) => offset + common + (next() - 0.5) / (1 + i));
  });
}

/** Eigenvalues of the scatter by the definition, in one piece. */
function spectrumOf(vectors: number[][]): number[] {
  const x = new Matrix(vectors.map((vector) => vector.map(Math.fround))).center('column');
  const { realEigenvalues } = new EigenvalueDecomposition(x.transpose().mmul(x), { assumeSymmetric: true });
  return realEigenvalues.sort((a, b) => b - a).slice(0, Math.min(vectors.length, vectors[0].length));
}

describe('Covariance', () => {
  it('has the spectrum of the definition, to 1e-9 of its sum, for any batches, order and merges, far from the origin too', () => {
    fc.assert(
      fc.property(
        fc.record({
          rows: fc.integer({ min: 1, max: 300 }),
          dim: fc.integer({ min: 1, max: 11 }),
          seed: fc.integer(),
          offset: fc.constantFrom(0, 1, -1000),
        }),
        ({ rows, dim, seed, offset }) => {
          const vectors = slanted(rows, dim, seed, offset);
          const next = random(seed + 1);
          const parts = [new Covariance(), new Covariance(), new Covariance()];
          for (let at = 0; at < rows; ) {
            const size = 1 + Math.floor(next() * 150);
            parts[Math.floor(next() * 3)].add(batchOf(vectors.slice(at, at + size)));
            at += size;
          }
          parts[2].merge(parts[0]);
          parts[1].merge(parts[2]);
          const expected = spectrumOf(vectors);
          const sum = expected.reduce((a, b) => a + b, 0);
          const spectrum = parts[1].spectrum();
          expect(spectrum.length).toBe(expected.length);
          spectrum.forEach((value, i) => {
            expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(1e-9 * sum + 1e-12);
          });
          const loaded = Covariance.fromJSON(JSON.parse(JSON.stringify(parts[1])));
          expect(loaded.spectrum()).toEqual(spectrum);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses another dimension, and what is no saved covariance', () => {
    const covariance = new Covariance();
    covariance.add(batchOf([[1, 2]]));
    expect(() => covariance.add(batchOf([[1, 2, 3]]))).toThrow('embeddings of dimension 3 after others of dimension 2');
    expect(() => Covariance.fromJSON({ count: 1, mean: [1], scatter: [] })).toThrow('this is no saved covariance');
  });
});

describe('pcf', () => {
  it.each(reference.pcf)('is what NumPy makes of it: $name', ({ vectors, pcf: expected }) => {
    expect(reference.variances.map((variance) => pcfOf(variance, batchOf(vectors)))).toEqual(expected);
  });

  it('is within (0, 1], grows with the variance, and is the same for any batches', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 9 }), fc.integer(), share, share, (rows, dim, seed, a, b) => {
        const vectors = slanted(rows, dim, seed);
        const [low, high] = [pcfOf(Math.min(a, b), batchOf(vectors))!, pcfOf(Math.max(a, b), batchOf(vectors))!];
        expect(low).toBeGreaterThan(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(high);
        expect(pcfOf(Math.min(a, b), ...vectors.map((vector) => batchOf([vector])))).toBe(low);
        expect(pcfOf(1, batchOf(vectors))).toBe(Math.min(rows + 1, dim) / dim);
      }),
      { numRuns: 60 },
    );
  });

  it("OML's example, where sums of equal shares are equal to the variance asked for", () => {
    const eye = Array.from({ length: 4 }, (_, i) => Array.from({ length: 10 }, (_, j) => (i === j ? 1 : 0)));
    expect([0.5, 2 / 3, 1].map((variance) => pcfOf(variance, batchOf(eye)))).toEqual([0.2, 0.3, 0.5]);
  });

  it('is null where nothing varies', () => {
    expect(pcfOf(0.5)).toBeNull();
    expect(pcfOf(0.5, batchOf([[1, 2]]))).toBeNull();
    expect(pcfOf(0.5, batchOf([[1, 2]]), batchOf([[1, 2]]))).toBeNull();
  });

  it.each([-0.1, 1.5, Number.NaN])('refuses %s', (variance) => {
    expect(() => pcf(variance)).toThrow('the share of the variance must be a number from 0 to 1');
  });
});

describe('itemMetrics', () => {
  it('gives each value of a column its own components, and says where nothing varies', () => {
    const vectors = slanted(60, 6, 4);
    const category = vectors.map((_, i) => (i === 0 ? null : i % 2 ? 'b' : 'a'));
    const metric = itemMetrics([pcfMeasure(0.3), pcfMeasure(0.9)], ['category', 'shop']);
    const [left, right] = [metric.init(), metric.init()];
    metric.update(left, batchOf(vectors.slice(0, 25), category.slice(0, 25)));
    metric.update(right, batchOf(vectors.slice(25), category.slice(25)));
    metric.merge(left, right);
    const { metrics, by, warnings } = metric.value(left);
    const own = (value: string) => batchOf(vectors.filter((_, i) => category[i] === value));
    expect(metrics).toEqual({ 'pcf@0.3': pcfOf(0.3, batchOf(vectors)), 'pcf@0.9': pcfOf(0.9, batchOf(vectors)) });
    expect(by).toEqual({
      category: {
        '(none)': { 'pcf@0.3': null, 'pcf@0.9': null },
        a: { 'pcf@0.3': pcfOf(0.3, own('a')), 'pcf@0.9': pcfOf(0.9, own('a')) },
        b: { 'pcf@0.3': pcfOf(0.3, own('b')), 'pcf@0.9': pcfOf(0.9, own('b')) },
      },
      shop: {},
    });
    expect(warnings).toEqual(['pcf@0.3, pcf@0.9: not defined for category (none), whose embeddings do not differ']);
  });
});

describe.runIf(hasGolden)('the pcf that OML computed', () => {
  it.each(goldenCases('pcf').map((one) => [one.name, one] as const))('%s, overall and by category', (_, one) => {
    const { embeddings, pcf_variance, categories, expected, by_category } = one as unknown as {
      embeddings: number[][];
      pcf_variance: number[];
      categories: string[];
      expected: number[];
      by_category: Record<string, { pcf: Record<string, number> }>;
    };
    const metric = itemMetrics(pcf_variance.map(pcfMeasure), ['category']);
    const state = metric.init();
    metric.update(state, batchOf(embeddings, categories));
    const { metrics, by } = metric.value(state);
    pcf_variance.forEach((variance, i) => {
      expect(metrics[`pcf@${variance}`]).toBe(expected[i]);
      for (const [category, { pcf: own }] of Object.entries(by_category)) {
        const values = category === 'OVERALL' ? metrics : by.category[category];
        expect(values[`pcf@${variance}`], `pcf@${variance} of ${category}`).toBeCloseTo(own[variance], 6);
      }
    });
  });
});
