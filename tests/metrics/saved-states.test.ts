import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/data/errors.js';
import { evaluation } from '../../src/metrics/evaluation.js';
import { parseMetrics } from '../../src/metrics/registry.js';
import type { SavedState } from '../../src/metrics/savable.js';
import { mergeSavedStates } from '../../src/metrics/saved-states.js';
import { anyQuery, random, resultsOf, whole } from './support.js';

const accumulator = evaluation({ metrics: parseMetrics('cmc@1,precision@3,map@5'), by: ['category', 'shop'] });
const part = (source: string, ...states: SavedState[]) => ({ source, states });
/** As another process would get it. */
const sent = (saved: SavedState): SavedState => JSON.parse(JSON.stringify(saved));

describe('mergeSavedStates', () => {
  it('gives the same text and the same values for any partition, order and tree of merges', () => {
    fc.assert(
      fc.property(fc.array(anyQuery, { minLength: 1, maxLength: 24 }), fc.nat(), (queries, seed) => {
        const rr = resultsOf(queries);
        const one = whole(accumulator, rr);
        const next = random(seed);
        const owner = queries.map(() => Math.floor(next() * 5));
        let parts = [0, 1, 2, 3, 4].map((process) => {
          const rows = owner.flatMap((o, row) => (o === process ? [row] : [])).sort(() => next() - 0.5);
          return sent(accumulator.saveState(whole(accumulator, rr.pick(rows))));
        });
        let value = accumulator.value(accumulator.init());
        while (parts.length > 1) {
          const group = 2 + Math.floor(next() * (parts.length - 1));
          parts.sort(() => next() - 0.5);
          const merged = mergeSavedStates(parts.slice(0, group).map((saved, i) => part(`s${i}`, saved)));
          parts = [...parts.slice(group), ...merged.states.map(sent)];
          value = merged.value;
        }
        expect(JSON.stringify(parts[0])).toBe(JSON.stringify(accumulator.saveState(one)));
        expect(JSON.stringify(value)).toBe(JSON.stringify(accumulator.value(one)));
      }),
    );
  });

  it('puts what several accumulators found into one result', () => {
    const rr = resultsOf([
      { hits: [true, false], missed: 0, category: 'constructor' },
      { hits: [false], missed: 1, category: '__proto__' },
      { hits: [false], missed: 0, category: null },
    ]);
    const [both, ...alone] = ['cmc@1,map@5', 'cmc@1', 'map@5'].map((names) =>
      evaluation({ metrics: parseMetrics(names), by: ['category'] }),
    );
    const states = alone.map((metric) => metric.saveState(whole(metric, rr)));
    const { value } = mergeSavedStates([part('a', ...states)]);
    const wanted = both.value(whole(both, rr));
    expect({ ...value, warnings: [] }).toEqual({ ...wanted, warnings: [] });
    expect(value.warnings).toHaveLength(2);
  });

  const saved = accumulator.saveState(whole(accumulator, resultsOf([{ hits: [true], missed: 0 }])));
  it.each<[string, SavedState[], string]>([
    [
      'another metric',
      [{ ...saved, metrics: ['cmc@1'] } as SavedState],
      'b: the saved evaluation is of the metrics [cmc@1], not of [cmc@1, precision@3, map@5]',
    ],
    [
      'another k',
      [{ ...saved, metrics: ['cmc@2', 'precision@3', 'map@5'] } as SavedState],
      'b: the saved evaluation is of the metrics [cmc@2, ',
    ],
    [
      'other columns',
      [{ ...saved, by: ['shop', 'category'] } as SavedState],
      'b: the saved evaluation is of the columns [shop, category], not of [category, shop]',
    ],
    ['another version', [{ ...saved, version: 2 }], 'b: this is no saved evaluation that this version can read: version: '],
    [
      'another accumulator',
      [{ ...saved, format: 'rankstream other' }],
      'b: holds states of rankstream other, where a holds rankstream evaluation',
    ],
    [
      'more accumulators',
      [saved, saved],
      'b: holds states of rankstream evaluation, rankstream evaluation, where a holds rankstream evaluation',
    ],
    ['no accumulator', [], 'b: holds states of nothing, where a holds rankstream evaluation'],
  ])('refuses states of %s, with the file', (_, states, message) => {
    const merge = () => mergeSavedStates([part('a', saved), part('b', ...states)]);
    expect(merge).toThrow(UserError);
    expect(merge).toThrow(message);
  });

  it.each([
    [
      'an accumulator that is not known',
      { format: 'constructor', version: 1 },
      'a: a state of "constructor", which this version does not know',
    ],
    ['a metric that is not known', { ...saved, metrics: ['nosuch@1'] }, 'a: unknown metric "nosuch@1"'],
    ['no parameters', { format: 'rankstream evaluation', version: 1 }, 'a: the saved evaluation does not name its metrics and columns'],
  ])('refuses %s', (_, state, message) => {
    expect(() => mergeSavedStates([part('a', state)])).toThrow(UserError);
    expect(() => mergeSavedStates([part('a', state)])).toThrow(message);
  });
});
