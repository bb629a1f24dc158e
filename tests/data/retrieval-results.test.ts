import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetrievalResults } from '../../src/data/retrieval-results.js';
import { retrievals } from '../io/arbitrary.js';
import { refusal } from '../io/support.js';
import { cut, cuts } from '../support/arbitraries.js';

const small = (info = {}) =>
  RetrievalResults.fromLists({
    retrieved: [[5, 3, 1, 0, 2, 4], [7], []],
    distances: [[0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [1], []],
    relevant: [[3, 9], [], [1]],
    info: { gallerySize: 10, distance: 'l2', ...info },
    firstRow: 40,
  });

describe('RetrievalResults', () => {
  it('cut and joined again are equal to the bit', () => {
    fc.assert(
      fc.property(
        retrievals.filter((rr) => rr.length > 0).chain((rr) => fc.tuple(fc.constant(rr), cuts(rr.length))),
        ([rr, sizes]) => {
          const parts = cut(rr, sizes);
          expect(parts.reduce((sum, part) => sum + part.length, 0)).toBe(rr.length);
          const joined = RetrievalResults.concat(parts);
          expect(joined.equals(rr)).toBe(true);
          expect(rr.equals(joined)).toBe(true);
        },
      ),
    );
  });

  it('picked queries are those queries, in buffers of their own', () => {
    fc.assert(
      fc.property(retrievals, fc.array(fc.nat(11)), (rr, positions) => {
        const at = rr.length === 0 ? [] : positions.map((position) => position % rr.length);
        const picked = rr.pick(at);
        expect(picked.length).toBe(at.length);
        for (const [i, q] of at.entries()) expect(picked.slice(i, i + 1).equals(rr.slice(q, q + 1))).toBe(true);
        if (picked.ids.length > 0) expect(picked.ids.buffer).not.toBe(rr.ids.buffer);
      }),
    );
  });

  it('rearranged keeps each item with its distance and its gain', () => {
    fc.assert(
      fc.property(retrievals, (rr) => {
        // The first half of each list, which keeps the order of distances.
        const from: number[] = [];
        const offsets = new Int32Array(rr.length + 1);
        for (let q = 0; q < rr.length; q++) {
          const kept = Math.ceil((rr.offsets[q + 1] - rr.offsets[q]) / 2);
          for (let i = 0; i < kept; i++) from.push(rr.offsets[q] + i);
          offsets[q + 1] = from.length;
        }
        const half = rr.rearranged(offsets, Int32Array.from(from));
        for (let q = 0; q < rr.length; q++) {
          const kept = offsets[q + 1] - offsets[q];
          expect([...half.retrievedIds(q)]).toEqual([...rr.retrievedIds(q).subarray(0, kept)]);
          expect([...half.distancesOf(q)]).toEqual([...rr.distancesOf(q).subarray(0, kept)]);
          if (rr.gains) {
            expect([...(half.gains?.subarray(offsets[q], offsets[q + 1]) ?? [])]).toEqual([
              ...rr.gains.subarray(rr.offsets[q], rr.offsets[q] + kept),
            ]);
          }
        }
        expect(half.numRelevant).toBe(rr.numRelevant);
      }),
    );
  });

  it('equality sees every value', () => {
    const rr = small();
    expect(rr.equals(small())).toBe(true);
    expect(rr.equals(small({ k: 6 }))).toBe(false);
    expect(rr.equals(rr.slice(0, 2))).toBe(false);
    const distances = rr.distances.slice();
    distances[0] = -0.1;
    expect(rr.equals(rr.rearranged(rr.offsets, Int32Array.from(rr.ids.keys()), distances))).toBe(false);
    expect(rr.equals(RetrievalResults.trusted({ ...rr, rows: rr.rows.map((row) => row + 1) }))).toBe(false);
    expect(rr.equals(RetrievalResults.trusted({ ...rr, gains: undefined }))).toBe(false);
  });

  it('is shown in words', () => {
    expect(small().toString()).toBe(
      [
        'RetrievalResults: 3 queries, up to 6 of 10 gallery items each, distance l2',
        '  query 40 (2 relevant): #5 0.100, #3* 0.200, #1 0.300, #0 0.400, #2 0.500, and 1 more',
        '  query 41 (0 relevant): #7 1.000',
        '  query 42 (1 relevant): nothing retrieved',
      ].join('\n'),
    );
    const many = RetrievalResults.fromLists({ retrieved: Array(101).fill([0]), distances: Array(101).fill([0]) });
    expect(many.toString().split('\n').at(-1)).toBe('  ... and 1 more queries');
  });

  it.each<[string, () => unknown, string]>([
    [
      'a distance that falls',
      () => RetrievalResults.fromLists({ retrieved: [[1, 2]], distances: [[2, 1]] }),
      'retrieval results, query 0: distances must not decrease (2 before 1)',
    ],
    [
      'a distance that is NaN',
      () => RetrievalResults.fromLists({ retrieved: [[1]], distances: [[Number.NaN]], firstRow: 3 }),
      'retrieval results, query 3: a distance is NaN',
    ],
    [
      'an item retrieved twice',
      () => RetrievalResults.fromLists({ retrieved: [[1, 2, 1]], distances: [[1, 2, 3]] }),
      'retrieval results, query 0: gallery item 1 is retrieved twice',
    ],
    [
      'an item outside the gallery',
      () => RetrievalResults.fromLists({ retrieved: [[], [4]], distances: [[], [0]], info: { gallerySize: 4 } }),
      'retrieval results, query 1: retrieved item 4 is outside the gallery of 4',
    ],
    [
      'a negative item',
      () => RetrievalResults.fromLists({ retrieved: [[-1]], distances: [[0]] }),
      'retrieval results, query 0: retrieved item -1 is outside the gallery of Infinity',
    ],
    [
      'a missing distance',
      () => RetrievalResults.fromLists({ retrieved: [[1, 2]], distances: [[0]] }),
      'retrieval results: every query needs one distance for each retrieved id',
    ],
    [
      'relevance of other queries',
      () => RetrievalResults.fromLists({ retrieved: [[1]], distances: [[0]], relevant: [[1], [2]] }),
      'relevance of 2 queries given for 1 queries',
    ],
    [
      'a join of different galleries',
      () => RetrievalResults.concat([small(), small({ gallerySize: 11 })]),
      'results of different retrievals do not join: gallerySize 10 and 11',
    ],
    [
      'a join with and without relevance',
      () => RetrievalResults.concat([small(), RetrievalResults.trusted({ ...small(), gains: undefined })]),
      'results with and without "gains" do not join',
    ],
    ['a join of nothing', () => RetrievalResults.concat([]), 'nothing to join: no retrieval results'],
  ])('refuses %s', async (_, act, message) => {
    expect(await refusal(act)).toBe(message);
  });
});
