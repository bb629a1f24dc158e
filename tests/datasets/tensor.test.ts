import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modalityOf } from '../../src/datasets/index.js';
import type { TensorItem } from '../../src/datasets/tensor.js';
import { ROOT } from '../support/cli.js';
import { npyBytes } from '../support/npy.js';
import { temporaryFolder } from '../support/tables.js';
import { itemsOf, placesOf } from './memory-items.js';

const folder = temporaryFolder();
const tensor = modalityOf('tensor');

type Values =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

function save(name: string, shape: string, values: Values, descr = '<f4'): string {
  writeFileSync(join(folder, name), npyBytes(shape, new Uint8Array(values.buffer), { descr: `'${descr}'` }));
  return name;
}

const sine = (length: number, from = 0) => Float32Array.from({ length }, (_, i) => Math.sin(from + i));

describe('TensorDataset', () => {
  it('gives the arrays of all files, or the rows of one, to the bit, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (rows, shape, open) => {
          const size = shape.reduce((product, side) => product * side, 1);
          const path = Array.from({ length: rows }, (_, row) => save(`${row}.npy`, `${shape.join(', ')},`, sine(size, row * size)));
          save('all.npy', [rows, ...shape].join(', '), sine(rows * size));
          const places = placesOf(folder, ['batch', ...(open ? shape.map((_, axis) => `side${axis}`) : shape)]);
          const files = await tensor.open(itemsOf({ path }), {}, places);
          const one = await tensor.open(itemsOf({ label: path }), { file: 'all.npy' }, places);
          for (const { itemBytes } of [files, one]) expect(itemBytes).toBe(open ? undefined : 4 * size);
          const order = path.map((_, row) => row).reverse();
          const loaded = (await Promise.all(order.map((row) => files.load(row)))).reverse();
          const expected = { input: { type: 'float32', data: sine(rows * size), dims: [rows, ...shape] } };
          expect(files.collate(loaded)).toEqual(expected);
          expect(one.collate(await Promise.all(path.map((_, row) => one.load(row))))).toEqual(expected);
          const hashes = await Promise.all(path.map((_, row) => files.contentHash(row)));
          expect(await Promise.all(path.map((_, row) => one.contentHash(row)))).toEqual(hashes);
          expect(new Set(hashes).size).toBe(rows);
          await one.close?.();
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each<[string, Values]>([
    ['<f2', Uint16Array.of(0x3c00, 0xc000, 0x7bff)],
    ['<f4', Float32Array.of(1, -2, 65_504)],
    ['<f8', Float64Array.of(1, -2, 65_504)],
    ['<i4', Int32Array.of(1, -2, 65_504)],
    ['<i8', BigInt64Array.of(1n, -2n, 65_504n)],
  ])('converts %s', async (descr, values) => {
    const dataset = await tensor.open(itemsOf({ path: [save('a.npy', '3,', values, descr)] }), {}, placesOf(folder, ['n', 3]));
    expect((await dataset.load(0)) as TensorItem).toEqual({ values: Float32Array.of(1, -2, 65_504), shape: [3] });
  });

  it.each<[string, Values]>([
    ['|b1', Uint8Array.of(1, 0)],
    ['|i1', Int8Array.of(-128, 127)],
    ['|u1', Uint8Array.of(128, 255)],
    ['<i2', Int16Array.of(-32_768, 32_767)],
    ['<u2', Uint16Array.of(32_768, 65_535)],
    ['<u4', Uint32Array.of(2 ** 31, 7)],
    ['<u8', BigUint64Array.of(2n ** 63n, 7n)],
  ])('converts whole numbers of type %s', async (descr, values) => {
    const dataset = await tensor.open(itemsOf({ path: [save('a.npy', '2,', values, descr)] }), {}, placesOf(folder, ['n', 2]));
    expect(((await dataset.load(0)) as TensorItem).values).toEqual(Float32Array.from([...values].map(Number)));
  });

  it('reads what numpy wrote, feeds a model of half precision, and tells of an array', async () => {
    const items = itemsOf({ id: Array.from({ length: 10 }, (_, row) => row) });
    const dataset = await tensor.open(
      items,
      { file: 'vectors-f2.npy' },
      placesOf(join(ROOT, 'tests/fixtures/io'), ['n', 'dim'], 'float16'),
    );
    const { input } = dataset.collate([await dataset.load(3)]);
    expect(input.type).toBe('float16');
    expect(input.data).toBeInstanceOf(Uint16Array);
    save('b.npy', '2, 2', Float32Array.of(-1, 0, 2, 3));
    const other = await tensor.open(itemsOf({ path: ['b.npy'] }), {}, placesOf(folder, ['n', 2, 2]));
    expect(await other.visualize(0)).toBe('<p>[2, 2] from -1 to 3, mean 1</p>');
    await dataset.close?.();
  });

  it.each<[string, () => string, string]>([
    ['another shape', () => save('c.npy', '3,', sine(3)), 'an array of shape [3], where the model takes input float32 [n, 2, 2]'],
    ['NaN', () => save('c.npy', '2, 2', Float32Array.of(0, 0, Number.NaN, 0)), 'value 2 is NaN as float32; give finite numbers'],
    ['what overflows', () => save('c.npy', '2, 2', Float64Array.of(0, 1e39, 0, 0), '<f8'), 'value 1 is Infinity as float32'],
    [
      'complex numbers',
      () => save('c.npy', '2, 2', new Float64Array(8), '<c16'),
      `${join(folder, 'c.npy')}: numbers of type '<c16'; give plain`,
    ],
    ['wide floats', () => save('c.npy', '2, 2', new Float64Array(8), '<f1'), "numbers of type '<f1'; there are <f2, <f4,"],
    ['a truncated file', () => save('c.npy', '2, 2', sine(3)), 'truncated: it should hold 4 numbers, and holds 3'],
    ['a missing file', () => 'nothere.npy', 'no such file'],
  ])('refuses %s, and says where', async (_, path, message) => {
    const items = itemsOf({ path: [save('d.npy', '2, 2', sine(4)), path()] });
    const dataset = await tensor.open(items, {}, placesOf(folder, ['n', 2, 2]));
    await dataset.load(0);
    await expect(dataset.load(1)).rejects.toThrow(message);
    await expect(dataset.load(1)).rejects.toThrow(`items.csv, row 1: ${items.columns.path.get(1)}: `);
  });

  it('refuses rows that do not fit the table, arrays that do not go into one batch, and options there are not', async () => {
    save('rows.npy', '3, 2', Float32Array.of(0, 0, 0, Number.NaN, 0, 0));
    const items = (size: number) => itemsOf({ path: Array.from({ length: size }, () => 'x') });
    const places = placesOf(folder, ['n', 'dim']);
    const [file, path] = ['rows.npy', join(folder, 'rows.npy')];
    await expect(tensor.open(items(4), { file }, places)).rejects.toThrow(
      `${path}: an array of shape [3, 2] has no row for each of the 4 of items.csv`,
    );
    const dataset = await tensor.open(items(3), { file }, places);
    await expect(dataset.load(1)).rejects.toThrow('items.csv, row 1: rows.npy: value 1 is NaN');
    const one = { values: sine(1), shape: [1] };
    expect(() => dataset.collate([one, { values: sine(2), shape: [2] }])).toThrow('arrays of shapes [1] and [2] do not go into one batch');
    await dataset.close?.();
    await expect(tensor.open(items(3), { flie: file }, places)).rejects.toThrow(
      'm.onnx: unknown option "flie" of the input; did you mean "file"?',
    );
    await expect(tensor.open(itemsOf({ text: ['a'] }), {}, places)).rejects.toThrow('items.csv: no column "path"');
  });
});
