import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNpy } from '../../src/io/npy.js';
import { npyBytes } from '../support/npy.js';
import { collect, refusal, rowsOf, temporaryFolder } from './support.js';

const folder = temporaryFolder();

function npy(...array: Parameters<typeof npyBytes>): string {
  const path = folder.path('array.npy');
  writeFileSync(path, npyBytes(...array));
  return path;
}

const bytes = (values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const reason = (path: string) => refusal(() => collect(readNpy(path)));

describe('an npy file', () => {
  it('gives its rows to the bit, whatever the batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (rows, dim, step) => {
          const values = Float32Array.from({ length: rows * dim }, (_, i) => Math.fround(Math.sin(i)));
          const path = npy(`${rows}, ${dim}`, new Uint8Array(values.buffer));
          const batches = await collect(readNpy(path, { batchRows: step }));
          const lists = rowsOf(batches) as { embedding: number[] }[];
          expect(lists.flatMap(({ embedding }) => embedding)).toEqual([...values]);
          expect(lists.length).toBe(rows);
          expect(Math.max(...batches.map((batch) => batch.numRows))).toBeLessThanOrEqual(step);
          expect((await readNpy(path).describe()).rows).toBe(rows);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('of numpy itself in a batch of its own size', async () => {
    const source = readNpy('tests/fixtures/io/vectors-f4.npy', { batchRows: Number.POSITIVE_INFINITY });
    expect((await collect(source)).map((batch) => batch.numRows)).toEqual([10]);
  });

  it.each([
    ['4', {}, /an array of shape \(4\); embeddings are rows x dimension$/],
    ['1, 2, 2', {}, /an array of shape \(1, 2, 2\); embeddings are rows x dimension$/],
    ['2, 0', {}, /an array of shape \(2, 0\); embeddings need at least one number$/],
    ['2, 2', { fortran: 'True' }, /the array is in Fortran order; save numpy\.ascontiguousarray\(array\)$/],
    ['2, 2', { descr: "'<i4'" }, /numbers of type '<i4'; give float16, float32 or float64, little-endian/],
    ['2, 2', { descr: "'>f4'" }, /numbers of type '>f4'; give float16/],
    ['2, 2', { descr: "[('a', '<f4')]" }, /numbers of type \[\('a', '<f4'\)\]; give/],
    ['2, 2', { version: 9 }, /npy format version 9 is not supported/],
    ['2, 2', { descr: "'<f4\n'" }, /numbers of type '<f4\\n'; give/],
    ['-2, 2', {}, /damaged npy header$/],
    ['-2, -2', {}, /damaged npy header$/],
    ['2, 0x2', {}, /damaged npy header$/],
    ['2., 2', {}, /damaged npy header$/],
    ['2e0, 2', {}, /damaged npy header$/],
    ['99999999999999999999, 2', {}, /damaged npy header$/],
    ['0, 4294967296', {}, /an array of shape \(0, 4294967296\); embeddings have at most 2147483647 numbers$/],
    ['3, 2', {}, /truncated: it should hold 3 rows, and ends in row 2$/],
  ])('of shape (%s) %j is refused', async (shape, options, message) => {
    const path = npy(shape, bytes([1, 2, 3, 4]), options);
    expect(await reason(path)).toMatch(message);
  });

  it('has no column but "embedding"', async () => {
    const path = npy('1, 2', bytes([1, 2]));
    expect(await refusal(() => collect(readNpy(path, { columns: ['label'] })))).toMatch(/no column "label" \(there are: embedding\)/);
  });

  it('is told from other files', async () => {
    const path = folder.path('other.npy');
    writeFileSync(path, readFileSync('tests/fixtures/io/emb-pandas.csv'));
    expect(await reason(path)).toMatch(/other\.npy: not an npy file \(/);
  });
});
