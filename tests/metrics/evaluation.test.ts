import { Int32, Null, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/data/errors.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { cmc } from '../../src/metrics/cmc.js';
import { evaluation } from '../../src/metrics/evaluation.js';
import { map } from '../../src/metrics/map.js';
import { meanMetric } from '../../src/metrics/mean-metric.js';
import type { QueryMetric } from '../../src/metrics/metric.js';
import { parseMetrics } from '../../src/metrics/registry.js';
import { anyQuery, type Query, resultsOf, scattered, whole } from './support.js';

const metrics = [...parseMetrics('cmc@1,precision@3,map@5'), { ...map(4), name: 'gm', reduce: 'geometric' } satisfies QueryMetric];
const accumulator = evaluation({ metrics, by: ['category', 'shop'] });
const queries = fc.array(anyQuery, { maxLength: 30 });

describe('evaluation', () => {
  it('gives the same value and the same saved state for any partition, order and tree of merges', () => {
    fc.assert(
      fc.property(queries, fc.nat(), (all, seed) => {
        const rr = resultsOf(all);
        const [one, other] = [whole(accumulator, rr), scattered(accumulator, rr, seed)];
        expect(JSON.stringify(accumulator.value(other))).toBe(JSON.stringify(accumulator.value(one)));
        expect(JSON.stringify(accumulator.saveState(other))).toBe(JSON.stringify(accumulator.saveState(one)));
      }),
    );
  });

  it('gives in each group what the metric alone gives for the group', () => {
    fc.assert(
      fc.property(fc.array(anyQuery, { minLength: 1, maxLength: 30 }), (all) => {
        const value = accumulator.value(whole(accumulator, resultsOf(all)));
        expect(value.queries).toBe(all.length);
        for (const metric of metrics) {
          const lifted = meanMetric(metric);
          const alone = (some: Query[]) => lifted.value(whole(lifted, resultsOf(some)));
          expect(value.metrics[metric.name]).toBe(alone(all));
          for (const column of ['category', 'shop'] as const) {
            const names = new Set(all.map((query) => query[column] ?? '(none)'));
            expect(new Set(Object.keys(value.by[column]))).toEqual(names);
            for (const name of names) {
              expect(value.by[column][name][metric.name]).toBe(alone(all.filter((query) => (query[column] ?? '(none)') === name)));
            }
          }
        }
      }),
    );
  });

  it('goes on from a state that was saved as text', () => {
    fc.assert(
      fc.property(queries, queries, (before, after) => {
        const state = accumulator.loadState(JSON.parse(JSON.stringify(accumulator.saveState(whole(accumulator, resultsOf(before))))));
        accumulator.update(state, resultsOf(after));
        expect(accumulator.saveState(state)).toEqual(accumulator.saveState(whole(accumulator, resultsOf([...before, ...after]))));
      }),
    );
  });

  it('merges states with different categories, and shares nothing between them', () => {
    const query = (category: string): Query => ({ hits: [true], missed: 0, category });
    const [a, b] = [whole(accumulator, resultsOf([query('x')])), whole(accumulator, resultsOf([query('y'), query('x')]))];
    const before = JSON.stringify(accumulator.saveState(b));
    accumulator.merge(a, b);
    accumulator.update(a, resultsOf([query('y')]));
    expect(JSON.stringify(accumulator.saveState(b))).toBe(before);
    expect(accumulator.saveState(a).groups[0].map(([value, group]) => [value, group.queries])).toEqual([
      ['x', 2],
      ['y', 2],
    ]);
  });

  it('scores each metric once per batch, whatever the number of columns', () => {
    let calls = 0;
    const counting: QueryMetric = { name: 'counting', reduce: 'mean', score: (_, out) => out.fill(++calls) };
    const twice = evaluation({ metrics: [counting, { ...counting }], by: ['category', 'shop', 'category'] });
    const state = whole(twice, resultsOf([{ hits: [true], missed: 0 }]));
    expect(calls).toBe(1);
    expect(twice.value(state)).toMatchObject({ metrics: { counting: 1 }, by: { category: { '(none)': { counting: 1 } } }, queries: 1 });
  });

  it('keeps the order of metrics, and sorts categories naturally', () => {
    const names = ['item 10', 'item 9', 'Item 9', '(none)', 'item', '2b', '10b'];
    const { metrics: values, by } = accumulator.value(
      whole(accumulator, resultsOf(names.map((category) => ({ hits: [true], missed: 0, category })))),
    );
    expect(Object.keys(values)).toEqual(['cmc@1', 'precision@3', 'map@5', 'gm']);
    expect(Object.keys(by.category)).toEqual(['(none)', '2b', '10b', 'Item 9', 'item', 'item 9', 'item 10']);
  });

  it('groups by columns of any type, null as "(none)"', () => {
    const rr = RetrievalResults.fromLists({
      retrieved: [[1], [2], [3]],
      distances: [[0], [0], [0]],
      relevant: [[1], [1], [3]],
      columns: { label: vectorFromArray([7, 7, null], new Int32()), nothing: vectorFromArray([null, null, null], new Null()) },
    });
    const byLabel = evaluation({ metrics: [cmc(1)], by: ['label', 'nothing'] });
    expect(byLabel.value(whole(byLabel, rr)).by).toEqual({
      label: { '7': { 'cmc@1': 0.5 }, '(none)': { 'cmc@1': 1 } },
      nothing: { '(none)': { 'cmc@1': 2 / 3 } },
    });
  });

  it('refuses an unknown column, with the nearest', () => {
    const wrong = evaluation({ metrics: [cmc(1)], by: ['categry'] });
    expect(() => whole(wrong, resultsOf([{ hits: [], missed: 0 }]))).toThrow(
      new UserError('no query column "categry" to group by (there are: category, shop); did you mean "category"?'),
    );
    const bare = RetrievalResults.fromLists({ retrieved: [[1]], distances: [[0]], relevant: [[1]] });
    expect(() => whole(wrong, bare)).toThrow(new UserError('no query column "categry" to group by (the results have no columns)'));
    const inherited = evaluation({ metrics: [cmc(1)], by: ['constructor'] });
    expect(() => whole(inherited, bare)).toThrow(UserError);
  });

  it('refuses a metric that gives NaN', () => {
    const broken = evaluation({ metrics: [{ name: 'broken', reduce: 'mean', score: (_, out) => out.fill(Number.NaN) }] });
    expect(() => whole(broken, resultsOf([{ hits: [], missed: 0 }]))).toThrow(RangeError);
  });

  describe('warnings', () => {
    const [irrelevant, nothing, fine]: Query[] = [
      { hits: [false], missed: 0 },
      { hits: [], missed: 0 },
      { hits: [], missed: 1 },
    ];
    const warnings = (names: string, all: Query[]) => {
      const of = evaluation({ metrics: parseMetrics(names) });
      return of.value(whole(of, resultsOf(all))).warnings;
    };

    it('count the queries without ground truth', () => {
      expect(warnings('map@3,cmc@1,precision@5,cmc@2', [irrelevant, nothing, fine, irrelevant, nothing, nothing])).toEqual([
        '2 queries have no relevant item in the gallery but retrieved some: they count as 0 (map@k, cmc@k and precision@k)',
        '3 queries have neither a relevant item in the gallery nor a retrieved one: they count as 1 (map@k, cmc@k and precision@k)',
      ]);
    });

    it('tell the rules of different metrics apart, and leave out counts', () => {
      expect(warnings('cmc@1,AP,nDCG@10,nDCG@5,NumRet,Judged@5', [irrelevant, nothing])).toEqual([
        '1 query has no relevant item in the gallery but retrieved some: it counts as 0 (cmc@k, AP and nDCG@k)',
        '1 query has neither a relevant item in the gallery nor a retrieved one: it counts as 1 (cmc@k) and as 0 (AP and nDCG@k)',
      ]);
    });

    it('name the metrics concerned', () => {
      expect(warnings('cmc@1', [irrelevant, nothing])).toEqual([
        '1 query has no relevant item in the gallery but retrieved some: it counts as 0 (cmc@k)',
        '1 query has neither a relevant item in the gallery nor a retrieved one: it counts as 1 (cmc@k)',
      ]);
      const other = evaluation({ metrics: [{ ...cmc(1), name: 'other', whenEmpty: undefined }] });
      expect(other.value(whole(other, resultsOf([irrelevant]))).warnings).toEqual([
        '1 query has no relevant item in the gallery but retrieved some',
      ]);
    });

    it('are absent when there is nothing to say', () => {
      expect(warnings('cmc@1', [fine, fine])).toEqual([]);
    });
  });

  it('is null, with a warning, without queries', () => {
    expect(accumulator.value(accumulator.init())).toEqual({
      metrics: { 'cmc@1': null, 'precision@3': null, 'map@5': null, gm: null },
      by: { category: {}, shop: {} },
      queries: 0,
      warnings: ['there are no queries, so no metric is defined'],
    });
  });

  describe('saved states', () => {
    const of = evaluation({ metrics: parseMetrics('cmc@1,map@5'), by: ['category'] });
    const saved = of.saveState(whole(of, resultsOf([{ hits: [true, false, true], missed: 0, category: '__proto__' }])));

    it('are readable', () => {
      expect(saved).toEqual({
        format: 'rankstream evaluation',
        version: 1,
        metrics: ['cmc@1', 'map@5'],
        by: ['category'],
        total: { queries: 1, sums: ['0x1p0', '0xd555555555555p-52'] },
        groups: [[['__proto__', { queries: 1, sums: ['0x1p0', '0xd555555555555p-52'] }]]],
        irrelevant: 0,
        void: 0,
      });
    });

    it.each([
      [
        'other metrics',
        evaluation({ metrics: parseMetrics('cmc@1'), by: ['category'] }),
        'is of the metrics [cmc@1, map@5], not of [cmc@1]',
      ],
      ['other columns', evaluation({ metrics: parseMetrics('cmc@1,map@5') }), 'is of the columns [category], not of []'],
    ])('are refused by an evaluation of %s', (_, other, message) => {
      expect(() => other.loadState(saved)).toThrow(new UserError(`the saved evaluation ${message}`));
    });

    it.each([
      ['another version', { ...saved, version: 2 }],
      ['another format', { ...saved, format: 'results' }],
      ['no object', 'text'],
      ['a missing count', { ...saved, void: undefined }],
      ['a negative count', { ...saved, irrelevant: -1 }],
      ['a bad sum', { ...saved, total: { queries: 1, sums: ['0x1p0', 'NaN'] } }],
      ['too few sums', { ...saved, total: { queries: 1, sums: ['0x1p0'] } }],
      ['too few columns', { ...saved, groups: [] }],
    ])('are refused with %s', (_, json) => {
      expect(() => of.loadState(json)).toThrow(UserError);
    });
  });
});
