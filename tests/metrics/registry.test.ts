import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/data/errors.js';
import { METRIC_FAMILIES, parseMetric, parseMetrics, splitNames } from '../../src/metrics/registry.js';

const names = (list: string | string[]) => parseMetrics(list).map((metric) => metric.name);

describe('parseMetric', () => {
  it.each(['cmc@1', 'precision@5', 'map@100', ' cmc@10 '])('knows %s', (name) => {
    expect(parseMetric(name).name).toBe(name.trim());
  });

  it('makes every family in the table, under its own name', () => {
    expect(METRIC_FAMILIES.map(({ usage }) => usage)).toEqual(['cmc@k', 'precision@k', 'map@k']);
    for (const { name, about } of METRIC_FAMILIES) {
      expect(parseMetric(`${name}@3`).name).toBe(`${name}@3`);
      expect(about).not.toBe('');
    }
  });

  it.each([
    ['cmcc@1', 'unknown metric "cmcc@1" (there are: cmc@k, precision@k, map@k); did you mean "cmc@1"?'],
    ['Precision@5', 'unknown metric "Precision@5" (there are: cmc@k, precision@k, map@k); did you mean "precision@5"?'],
    ['mpa', 'unknown metric "mpa" (there are: cmc@k, precision@k, map@k)'],
    ['cmcs', 'unknown metric "cmcs" (there are: cmc@k, precision@k, map@k); did you mean "cmc"?'],
    ['something@1', 'unknown metric "something@1" (there are: cmc@k, precision@k, map@k)'],
    ['', 'unknown metric "" (there are: cmc@k, precision@k, map@k)'],
    ['cmc', 'metric "cmc" needs a k; write for example cmc@10'],
    ['cmc@', 'metric cmc@: k must be a positive integer, not ""'],
    ['cmc@0', 'metric cmc@0: k must be a positive integer, not 0'],
    ['cmc@-1', 'metric cmc@-1: k must be a positive integer, not -1'],
    ['map@x', 'metric map@x: k must be a positive integer, not x'],
    ['precision@1.5', 'metric precision@1.5: k must be a positive integer, not 1.5'],
    ['cmc@1e3', 'metric cmc@1e3: k must be a positive integer, not 1e3'],
    ['cmc@1@2', 'metric cmc@1@2: k must be a positive integer, not 1@2'],
  ])('refuses "%s"', (name, message) => {
    expect(() => parseMetric(name)).toThrow(new UserError(message));
  });
});

describe('parseMetrics', () => {
  it('splits at commas, takes lists, and keeps the order', () => {
    expect(names('map@10, cmc@1,precision@5')).toEqual(['map@10', 'cmc@1', 'precision@5']);
    expect(names(['map@10', 'cmc@1,cmc@5'])).toEqual(['map@10', 'cmc@1', 'cmc@5']);
  });

  it('takes a name once, and leaves out empty places', () => {
    expect(names('cmc@1,,map@2,cmc@1,')).toEqual(['cmc@1', 'map@2']);
  });

  it.each(['', ' , ', []])('refuses the empty list %j', (list) => {
    expect(() => parseMetrics(list)).toThrow(new UserError('no metric is named; write for example cmc@1,map@10'));
  });

  it('does not split inside parentheses', () => {
    expect(splitNames('RBP(p=0.8, rel=2)@10,cmc@1,f(g(a,b),c) , d')).toEqual(['RBP(p=0.8, rel=2)@10', 'cmc@1', 'f(g(a,b),c)', 'd']);
  });
});
