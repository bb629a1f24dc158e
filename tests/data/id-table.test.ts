import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdTable } from '../../src/data/id-table.js';

const ids = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 200 });

/** Ids one behind the other, and where each stands. */
function packed(names: readonly string[]) {
  const parts = names.map((name) => Buffer.from(name));
  const ends = Int32Array.from(parts, (part) => part.length);
  for (let i = 1; i < ends.length; i++) ends[i] += ends[i - 1];
  return { bytes: Buffer.concat(parts), starts: ends.map((end, i) => end - parts[i].length), ends };
}

describe('IdTable', () => {
  it('numbers distinct ids in order of appearance, one by one and many at a time', () => {
    fc.assert(
      fc.property(ids, (names) => {
        const { bytes, starts, ends } = packed(names);
        const distinct = [...new Set(names)];
        const expected = names.map((name) => distinct.indexOf(name));
        const [single, together] = [new IdTable(), new IdTable()];
        expect(names.map((_, i) => single.intern(bytes, starts[i], ends[i]))).toEqual(expected);
        const rows = new Int32Array(names.length);
        together.internAll(bytes, starts, ends, names.length, rows);
        expect([...rows]).toEqual(expected);
        for (const table of [single, together]) {
          expect(table.size).toBe(distinct.length);
          expect(distinct.map((_, row) => table.id(row))).toEqual(distinct);
          expect(distinct.map((name) => table.find(Buffer.from(name)))).toEqual(distinct.map((_, row) => row));
          expect(table.find(Buffer.from('not there, because too long'))).toBe(-1);
          expect([...table.column(expected)]).toEqual(names);
        }
      }),
    );
  });

  it('grows to many ids, those with equal beginnings too', () => {
    const names = Array.from({ length: 50_000 }, (_, i) => `document-${i % 30_000}`);
    const { bytes, starts, ends } = packed(names);
    const table = new IdTable();
    const rows = new Int32Array(names.length);
    table.internAll(bytes, starts, ends, names.length, rows);
    expect(table.size).toBe(30_000);
    expect(rows.every((row, i) => row === i % 30_000)).toBe(true);
    expect(table.id(29_999)).toBe('document-29999');
  });

  it('orders ids by their bytes', () => {
    fc.assert(
      fc.property(ids, (names) => {
        const distinct = [...new Set(names)];
        const { bytes, starts, ends } = packed(distinct);
        const table = new IdTable();
        distinct.forEach((_, i) => {
          table.intern(bytes, starts[i], ends[i]);
        });
        const expected = [...distinct].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(Array.from(table.sorted(), (row) => table.id(row))).toEqual(expected);
      }),
    );
  });
});
