import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGrid } from '../../src/postprocess/tuning/grid.js';

describe('parseGrid', () => {
  it.each<[string | string[], string[][]]>([
    ['top:5', [['top:5']]],
    ['constant:0.5..0.8/0.1', [['constant:0.5', 'constant:0.6', 'constant:0.7', 'constant:0.8']]],
    ['constant:threshold = 0.5..1/0.25', [['constant:threshold =0.5', 'constant:threshold =0.75', 'constant:threshold =1']]],
    ['constant:-1..1/1', [['constant:-1', 'constant:0', 'constant:1']]],
    ['constant:1e-3..2e-3/5e-4', [['constant:0.001', 'constant:0.0015', 'constant:0.002']]],
    ['top:{5, 10}', [['top:5', 'top:10']]],
    ['top:{1,10..30/10,3}', [['top:1', 'top:10', 'top:20', 'top:30', 'top:3']]],
    [
      'top:1..2/1|constant:{3,4}',
      [
        ['top:1', 'top:2'],
        ['constant:3', 'constant:4'],
      ],
    ],
    [
      ['top:1..2/1', 'constant:3'],
      [['top:1', 'top:2'], ['constant:3']],
    ],
    ['x:1..2/1,b={3,4}@5..6/1', [['x:1,b=3@5', 'x:1,b=3@6', 'x:1,b=4@5', 'x:1,b=4@6', 'x:2,b=3@5', 'x:2,b=3@6', 'x:2,b=4@5', 'x:2,b=4@6']]],
    ['rerank:../models/{a,b}.onnx@10', [['rerank:../models/a.onnx@10', 'rerank:../models/b.onnx@10']]],
    ['mmr@5..10/5', [['mmr:@5', 'mmr:@10']]],
    ['1..2/1', [['1..2/1']]],
  ])('reads %j', (spec, grid) => {
    expect(parseGrid(spec)).toEqual(grid);
  });

  it('gives the numbers that one would type', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: -5000, max: 5000 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 90 }),
        fc.integer({ min: 0, max: 6 }),
        (first, by, more, places) => {
          const typed = (n: number) => (n / 10 ** places).toFixed(places);
          const [values] = parseGrid(`constant:${typed(first)}..${typed(first + by * more)}/${typed(by)}`);
          expect(values.map((text) => Number(text.slice('constant:'.length)))).toEqual(
            Array.from({ length: more + 1 }, (_, i) => Number(typed(first + i * by))),
          );
        },
      ),
    ));

  it.each([
    ['top:1..2', 'range 1..2 is not written a..b/step'],
    ['top:1..x/1', 'range 1..x/1 is not written a..b/step'],
    ['top:{1,2..3}', 'range 2..3 is not written a..b/step'],
    ['top:1..5/0', 'range 1..5/0 needs a step above 0'],
    ['top:1..5/-1', 'range 1..5/-1 needs a step above 0'],
    ['top:5..1/1', 'range 5..1/1 ends before it begins; write the smaller number first'],
    ['top:1..2/1e-16', 'range 1..2/1e-16 has numbers of more than 15 digits'],
    ['top:1..2e15/1', 'has numbers of more than 15 digits'],
    ['top:{}', 'list {} has an empty place'],
    ['top:{1,,2}', 'list {1,,2} has an empty place'],
    ['top:{1', 'a list is written {a,b,c}, here is a lone {'],
    ['top:{1|2}', 'a list is written {a,b,c}, here is a lone {'],
    ['top:1..10001/1', 'the grid has 10,001 points, and at most 10,000 are tried; use larger steps or fewer parameters'],
    ['top:1..999999999999999/1 | top:1..999999999999999/1', 'at most 10,000 are tried'],
  ])('refuses %s', (spec, message) => {
    expect(() => parseGrid(spec)).toThrow(message);
  });

  it('takes as many points as are tried', () => {
    expect(parseGrid('top:1..100/1 | top:1..100/1').map((step) => step.length)).toEqual([100, 100]);
  });
});
