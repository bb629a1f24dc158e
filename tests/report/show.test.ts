import { Int32, vectorFromArray } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { textColumn } from '../../src/data/columns.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { showQuery } from '../../src/report/show.js';

const gallery = {
  path: textColumn([...'abcdefgh'].map((name) => `${name}.png`)),
  label: vectorFromArray([0, 1, 0, 1, 0, 1, 0, 1], new Int32()),
};
const relevant = [[0, 2, 4, 6]];
const columns = { path: textColumn(['q.png']), category: textColumn([null]) };
const make = (retrieved: number[], firstRow = 7) =>
  RetrievalResults.fromLists({ retrieved: [retrieved], distances: [retrieved.map((_, i) => i / 8)], relevant, columns, firstRow });

describe('showQuery', () => {
  test('the first 5 retrieved with rank and verdict, and the first 2 missed', () => {
    const shown = showQuery({ rr: make([1, 3, 5, 7, 2, 4]), gallery });
    expect(shown).toMatchObject({ row: 7, category: '(none)', numRelevant: 4, query: { row: 7, kind: 'query', path: 'q.png' } });
    expect(shown.lists).toHaveLength(1);
    const [list] = shown.lists;
    expect(list).toMatchObject({ title: 'RR', retrieved: 6, hits: 2, firstCorrect: 5 });
    expect(list.items.map(({ item, rank, verdict, distance }) => [item.row, item.path, item.label, rank, verdict, distance])).toEqual([
      [1, 'b.png', '1', 1, 'wrong', 0],
      [3, 'd.png', '1', 2, 'wrong', 0.125],
      [5, 'f.png', '1', 3, 'wrong', 0.25],
      [7, 'h.png', '1', 4, 'wrong', 0.375],
      [2, 'c.png', '0', 5, 'correct', 0.5],
    ]);
    expect(shown.missed.map((item) => item.row)).toEqual([0, 6]);
  });

  test('the baseline comes first and is found by the row of the query', () => {
    const baseline = RetrievalResults.concat([make([0], 6), make([1, 0], 7)]);
    const shown = showQuery({ rr: make([]), baseline, gallery });
    expect(shown.lists.map(({ title, retrieved }) => [title, retrieved])).toEqual([
      ['RR', 2],
      ['RR_upd', 0],
    ]);
    expect(shown.lists[1].firstCorrect).toBeUndefined();
    expect(shown.missed.map((item) => item.row)).toEqual([0, 2]);
  });

  test('without ground truth, and with unjudged items, the verdict is unknown', () => {
    const rr = RetrievalResults.fromLists({ retrieved: [[3, 1]], distances: [[0, 1]] });
    expect(showQuery({ rr }).lists[0]).toMatchObject({ hits: undefined, items: [{ verdict: 'unknown' }, { verdict: 'unknown' }] });
    const judged = RetrievalResults.trusted({ ...rr, gains: Float32Array.of(Number.NaN, 1) });
    expect(showQuery({ rr: judged }).lists[0].items.map((item) => item.verdict)).toEqual(['unknown', 'correct']);
  });

  test('relevant rows from outside, other numbers of items', () => {
    const shown = showQuery({ rr: make([1, 3]), gallery, relevantRows: [5, 6, 7], items: 1, missed: 3 });
    expect(shown.lists[0].items).toHaveLength(1);
    expect(shown.missed.map((item) => item.row)).toEqual([5, 6, 7]);
  });

  test('a box needs all of its corners', () => {
    const corner = (values: (number | null)[]) => vectorFromArray(values, new Int32());
    const boxes = { x_1: corner([1, 1]), y_1: corner([2, null]), x_2: corner([3, 3]), y_2: corner([4, 4]) };
    const rr = RetrievalResults.fromLists({ retrieved: [[0, 1]], distances: [[0, 1]] });
    expect(showQuery({ rr, gallery: boxes }).lists[0].items.map(({ item }) => item.box)).toEqual([[1, 2, 3, 4], undefined]);
  });
});
