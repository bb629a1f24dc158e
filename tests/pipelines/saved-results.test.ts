import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluate, pump } from '../../operators/index.js';
import { readRetrieval } from '../../src/io/retrieval-file.js';
import { parseMetrics } from '../../src/metrics/registry.js';
import { ROOT, rankstream } from '../support/cli.js';

type Values = Record<string, number>;
const file = join(ROOT, 'tests/fixtures/metrics/oml-rr.arrow');
/** What OML computed; see tests/fixtures/metrics/generate.py. */
const oml: { metrics: Values; by: { category: Record<string, Values> } } = JSON.parse(
  readFileSync(join(ROOT, 'tests/fixtures/metrics/oml-rr.json'), 'utf8'),
);
const names = Object.keys(oml.metrics);

function expectNear(got: Values, wanted: Values): void {
  expect(Object.keys(got)).toEqual(Object.keys(wanted));
  for (const [name, value] of Object.entries(wanted)) expect(Math.abs(got[name] - value), name).toBeLessThanOrEqual(1e-6);
}

describe('results that pyarrow wrote with the columns query, retrieved, distance, relevant and category alone', () => {
  it('have the metrics that OML computes, on the command line', async () => {
    const { status, stdout, stderr } = await rankstream(['metrics', file, '--metrics', names.join(), '--by', 'category', '--json']);
    expect(status, stderr).toBe(0);
    const results = JSON.parse(stdout);
    expect(results.queries).toBe(60);
    expectNear(results.metrics, oml.metrics);
    expect(Object.keys(results.by.category).sort()).toEqual(Object.keys(oml.by.category).sort());
    for (const [category, wanted] of Object.entries(oml.by.category)) expectNear(results.by.category[category], wanted);
  });

  it('have the very same numbers in the library, whatever the batches', async () => {
    const { stdout } = await rankstream(['metrics', file, '--metrics', names.join(), '--by', 'category', '--json']);
    const { metrics, by } = JSON.parse(stdout);
    for (const batchRows of [1, 7, 60]) {
      const stage = evaluate(parseMetrics(names.join()), { by: ['category'] });
      const value = await pump(readRetrieval(file, { batchRows }), {}, stage).last();
      expect(value?.snapshot()).toMatchObject({ metrics, by });
    }
  });
});
