import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/data/errors.js';
import { parseMetricSet } from '../../src/metrics/metric-set.js';
import { SET_FAMILIES } from '../../src/metrics/set-families.js';

describe('parseMetricSet', () => {
  it('tells metrics of queries, of pairs and of items apart, each once', () => {
    const set = parseMetricSet(['cmc@1, fnmr@fmr=0.1,pcf@0.5', 'eer,tar@far=1e-3,cmc@1,best-f1,fnmr@fmr=.1', 'threshold@eer']);
    expect(set.names).toEqual(['cmc@1', 'fnmr@fmr=0.1', 'pcf@0.5', 'eer', 'tar@far=0.001', 'best-f1', 'threshold@eer']);
    expect(set.queries.map(({ name }) => name)).toEqual(['cmc@1']);
    expect(set.pairs.map(({ name }) => name)).toEqual(['fnmr@fmr=0.1', 'eer', 'tar@far=0.001', 'best-f1', 'threshold@eer']);
    expect(set.items.map(({ name }) => name)).toEqual(['pcf@0.5']);
  });

  it('makes every family, in each of its forms, under its own name', () => {
    const written = SET_FAMILIES.flatMap(({ name, usage }) => usage.split('|').map((form, i) => (i === 0 ? form : `${name}@${form}`)));
    for (const name of written.map((form) => form.replace('=x', '=0.25').replace('@x', '@0.25')))
      expect(parseMetricSet(name).names).toEqual([name]);
    for (const { about } of SET_FAMILIES) expect(about).not.toBe('');
  });

  it.each([
    ['fnmr', 'metric fnmr: write it as fnmr@fmr=x'],
    ['fnmr@0.1', 'metric fnmr@0.1: write it as fnmr@fmr=x'],
    ['fnmr@fmr=', 'metric fnmr@fmr=: write it as fnmr@fmr=x, x being a number from 0 to 1'],
    ['fnmr@fmr=2', 'metric fnmr@fmr=2: fmr must be a number from 0 to 1'],
    ['tar@far=-1', 'metric tar@far=-1: write it as tar@far=x, x being a number from 0 to 1'],
    ['eer@5', 'metric eer@5: write it as eer'],
    ['threshold@x', 'metric threshold@x: write it as threshold@fmr=x|eer|best-f1'],
    ['pcf', 'metric pcf@: write it as pcf@x, x being a number from 0 to 1'],
    ['pcf@1.5', 'metric pcf@1.5: the share of the variance must be a number from 0 to 1'],
    ['', 'no metric is named; write for example cmc@1,map@10'],
  ])('refuses "%s"', (name, message) => {
    expect(() => parseMetricSet(name)).toThrow(new UserError(message));
  });

  it('names the nearest family where a name is unknown, or every one', () => {
    expect(() => parseMetricSet('fnmrr@fmr=0.1')).toThrow(new UserError('unknown metric "fnmrr@fmr=0.1"; did you mean "fnmr@fmr=0.1"?'));
    expect(() => parseMetricSet('something')).toThrow(/^unknown metric "something" \(there are: cmc@k, .*, fnmr@fmr=x, .*, pcf@x\)$/);
  });
});
