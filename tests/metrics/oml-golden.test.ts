import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { textColumn } from '../../src/data/columns.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { evaluation } from '../../src/metrics/evaluation.js';
import { perQuery } from '../../src/metrics/mean-metric.js';
import { parseMetric, parseMetrics } from '../../src/metrics/registry.js';

type ByK<T> = Record<string, Record<string, T>>;
interface MetricsCase {
  kind: string;
  name: string;
  rr: { distances: number[][]; retrieved_ids: number[][]; gt_ids: number[][] };
  categories: string[];
  top_k: number[];
  reduced: ByK<number | null>;
  per_query: ByK<(number | null)[]>;
  by_category: Record<string, ByK<number | null>>;
}

const file = fileURLToPath(new URL('../../../shared/golden/oml.json', import.meta.url));
const families = ['cmc', 'precision', 'map'];
const TOLERANCE = 1e-6;

/** OML's value; where it is NaN, ours is 0, and so it counts in our means. */
function mean(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0) / values.length;
}

function near(got: number | null, wanted: number, what: string): void {
  expect(got, what).not.toBeNull();
  expect(Math.abs((got as number) - wanted), `${what}: ${got}, OML has ${wanted}`).toBeLessThanOrEqual(TOLERANCE);
}

describe.runIf(existsSync(file))('the metrics that OML computed', () => {
  const all: { cases: MetricsCase[] } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { cases: [] };
  const cases = all.cases.filter(({ kind }) => kind === 'metrics');
  const resultsOf = ({ rr, categories }: MetricsCase) =>
    RetrievalResults.fromLists({
      retrieved: rr.retrieved_ids,
      distances: rr.distances,
      relevant: rr.gt_ids,
      columns: { category: textColumn(categories) },
    });

  it('are there: queries of every kind, NaN among them', () => {
    expect(cases.length).toBeGreaterThanOrEqual(4);
    expect(
      cases.flatMap(({ per_query }) => Object.values(per_query.precision).flat()).filter((value) => value === null).length,
    ).toBeGreaterThan(0);
    for (const one of cases) expect(Object.keys(one.per_query).sort()).toEqual([...families].sort());
  });

  it.each(cases)('$name, query by query; OML has NaN only for precision without ground truth', (one) => {
    const rr = resultsOf(one);
    for (const family of families) {
      for (const k of one.top_k) {
        const values = perQuery(parseMetric(`${family}@${k}`), rr);
        const wanted = one.per_query[family][k];
        expect(values.length).toBe(wanted.length);
        wanted.forEach((value, q) => {
          near(values[q], value ?? 0, `${family}@${k} of query ${q}`);
          const isGap = family === 'precision' && one.rr.gt_ids[q].length === 0 && one.rr.retrieved_ids[q].length > 0;
          expect(value === null, `${family}@${k} of query ${q}`).toBe(isGap);
        });
      }
    }
  });

  it.each(cases)('$name, overall and by category', (one) => {
    const names = families.flatMap((family) => one.top_k.map((k) => `${family}@${k}`));
    const accumulator = evaluation({ metrics: parseMetrics(names), by: ['category'] });
    const state = accumulator.init();
    accumulator.update(state, resultsOf(one));
    const { metrics, by, queries } = accumulator.value(state);
    expect(queries).toBe(one.categories.length);
    const { OVERALL, ...byCategory } = one.by_category;
    expect(Object.keys(by.category).sort()).toEqual(Object.keys(byCategory).sort());
    for (const family of families) {
      for (const k of one.top_k) {
        const name = `${family}@${k}`;
        const values = one.per_query[family][k];
        near(metrics[name], one.reduced[family][k] ?? mean(values), name);
        near(metrics[name], OVERALL[family][k] ?? mean(values), name);
        for (const [category, value] of Object.entries(byCategory)) {
          const own = values.filter((_, q) => one.categories[q] === category);
          near(by.category[category][name], value[family][k] ?? mean(own), `${name} of ${category}`);
        }
      }
    }
  });
});
