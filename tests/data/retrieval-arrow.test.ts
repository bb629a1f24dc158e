import {
  type DataType,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  type RecordBatch,
  Table,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retrievalFromArrow, retrievalToArrow } from '../../src/data/retrieval-arrow.js';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { categorical, retrievals } from '../io/arbitrary.js';
import { refusal } from '../io/support.js';

const place = { source: 'rr.arrow', firstRow: 0 };
const lists = (values: (unknown[] | null)[], item: DataType): Vector => vectorFromArray(values, new List(new Field('item', item, true)));
const batchOf = (columns: Record<string, Vector>): RecordBatch => new Table(columns).batches[0];

describe('retrievalToArrow', () => {
  it('makes the round trip bit by bit', () => {
    fc.assert(
      fc.property(retrievals, (rr) => {
        expect(retrievalFromArrow(retrievalToArrow(rr), place).equals(rr)).toBe(true);
      }),
    );
  });

  it('has the columns of the contract, sharing the buffers', () => {
    const rr = RetrievalResults.fromLists({
      retrieved: [[3, 1], []],
      distances: [[0.5, 1], []],
      relevant: [[1], [2]],
      info: { k: 2, gallerySize: 4 },
    });
    const batch = retrievalToArrow(rr);
    expect(batch.schema.fields.map((field) => `${field.name}: ${field.type}`)).toEqual([
      'query: Uint32',
      'retrieved: List<Int32>',
      'distance: List<Float32>',
      'num_relevant: Uint32',
      'retrieved_gain: List<Float32>',
      'relevant: List<Int32>',
    ]);
    expect([...batch.schema.metadata]).toEqual([
      ['gallery_size', '4'],
      ['k', '2'],
    ]);
    expect(batch.getChild('retrieved')?.data[0].children[0].values).toBe(rr.ids);
  });

  it('makes slices and columns in many pieces whole', () => {
    fc.assert(
      fc.property(retrievals, fc.nat(12), fc.nat(12), (rr, a, b) => {
        const [start, end] = [Math.min(a, b, rr.length), Math.min(Math.max(a, b), rr.length)];
        const part = rr.slice(start, end);
        expect(retrievalFromArrow(retrievalToArrow(part), place).equals(part)).toBe(true);
        const joined = RetrievalResults.concat([part, rr]);
        expect(retrievalFromArrow(retrievalToArrow(joined), place).equals(joined)).toBe(true);
      }),
    );
  });

  it('gives riding columns with our names an underscore in the file', () => {
    const rr = RetrievalResults.fromLists({
      retrieved: [[0]],
      distances: [[1]],
      columns: { query: vectorFromArray(['red shoes'], new Utf8()) },
    });
    const batch = retrievalToArrow(rr);
    expect(batch.schema.names).toEqual(['query', 'retrieved', 'distance', 'query_']);
    expect(retrievalFromArrow(batch, place).columns.query.get(0)).toBe('red shoes');
  });
});

describe('retrievalFromArrow', () => {
  it('reads the lists of other tools and derives what relevant tells', () => {
    const rr = retrievalFromArrow(
      batchOf({
        retrieved: lists([[4n, 2n], null, [7n]], new Int64()),
        distance: lists([[0.25, 0.5], [], [1]], new Float64()),
        relevant: lists([[2n], [0n, 1n], null], new Int64()),
        category: categorical(['a', null, 'b']),
      }),
      { source: 'rr.arrow', firstRow: 100 },
    );
    expect([...rr.rows]).toEqual([100, 101, 102]);
    expect([rr.retrievedIds(0), rr.retrievedIds(1), rr.retrievedIds(2)].map((ids) => [...ids])).toEqual([[4, 2], [], [7]]);
    expect([...rr.gains!]).toEqual([0, 1, 0]);
    expect([...rr.numRelevant!]).toEqual([1, 2, 0]);
    expect([...rr.columns.category]).toEqual(['a', null, 'b']);
    expect(String(rr.columns.category.type)).toBe('Utf8');
  });

  it('reads fixed-size lists and slices of batches', () => {
    const type = new FixedSizeList(2, new Field('item', new Int32(), true));
    const batch = batchOf({
      retrieved: vectorFromArray(
        [
          [0, 1],
          [2, 3],
          [4, 5],
        ],
        type,
      ),
      distance: lists(
        [
          [1, 1],
          [2, 2],
          [3, 4],
        ],
        new Float32(),
      ),
    });
    const rr = retrievalFromArrow(batch.slice(1, 3) as RecordBatch, place);
    expect([...rr.retrievedIds(0), ...rr.retrievedIds(1)]).toEqual([2, 3, 4, 5]);
    expect([...rr.distancesOf(1)]).toEqual([3, 4]);
    expect(rr.offsets[0]).toBe(0);
  });

  const ids = lists([[0], [1, 2]], new Int32());
  const distances = lists([[1], [1, 2]], new Float64());
  const query = vectorFromArray([5, 6], new Int32());
  it.each<[string, Record<string, Vector>, string]>([
    [
      'a missing column',
      { retrieved: ids },
      'rr.arrow: no column "distance"; retrieval results need retrieved and distance (there are: retrieved)',
    ],
    [
      'NaN',
      { retrieved: ids, distance: lists([[1], [1, Number.NaN]], new Float64()) },
      'row 1, column "distance": element 1 is null or NaN; it must be finite',
    ],
    [
      'infinity',
      { retrieved: ids, distance: lists([[1], [1, Number.POSITIVE_INFINITY]], new Float32()) },
      'row 1, column "distance": element 1 is Infinity',
    ],
    [
      'overflow',
      { retrieved: ids, distance: lists([[1e39], [1, 2]], new Float64()) },
      'row 0, column "distance": element 0 is 1e+39 (beyond float32)',
    ],
    [
      'a null distance',
      { retrieved: ids, distance: lists([[1], [null, 2]], new Float64()) },
      'row 1, column "distance": element 0 is null or NaN',
    ],
    [
      'lists that differ in length',
      { retrieved: ids, distance: lists([[1], [1]], new Float64()) },
      'row 1, column "distance": 1 values for 2 in "retrieved"',
    ],
    [
      'a negative row',
      { retrieved: lists([[0], [1, -2]], new Int32()), distance: distances },
      'row 1, column "retrieved": element 1 is -2; gallery rows are',
    ],
    ['a huge row', { retrieved: lists([[0n], [1n, 1n << 40n]], new Int64()), distance: distances }, 'element 1 is 1099511627776'],
    [
      'falling distances',
      { query, retrieved: ids, distance: lists([[1], [2, 1]], new Float64()) },
      'rr.arrow, query 6: distances must not decrease (2 before 1)',
    ],
    [
      'a repeated item',
      { query, retrieved: lists([[0], [1, 1]], new Int32()), distance: distances },
      'query 6: gallery item 1 is retrieved twice',
    ],
    [
      'a repeated relevant item',
      { retrieved: ids, distance: distances, relevant: lists([[3, 3], []], new Int32()) },
      'row 0, column "relevant": gallery item 3 is listed twice',
    ],
    ['gains without items', { retrieved: ids, distance: distances, relevant_gain: distances }, 'column "relevant_gain" without "relevant"'],
    [
      'texts for rows',
      { query: vectorFromArray(['a', 'b'], new Utf8()), retrieved: ids, distance: distances },
      'column "query": Utf8 where row numbers are expected',
    ],
    [
      'a null row',
      { query: vectorFromArray([1, null], new Int32()), retrieved: ids, distance: distances },
      'row 1, column "query": null where a number',
    ],
    [
      'texts for lists',
      { retrieved: vectorFromArray(['[0]', '[1]'], new Utf8()), distance: distances },
      'column "retrieved": Utf8 where lists of numbers are expected',
    ],
    [
      'lists of texts',
      { retrieved: lists([['x'], ['y', 'z']], new Utf8()), distance: distances },
      'row 0, column "retrieved": element 0 is of type Utf8',
    ],
  ])('refuses %s', async (_, columns, message) => {
    expect(await refusal(() => retrievalFromArrow(batchOf(columns), place))).toContain(message);
  });
});
