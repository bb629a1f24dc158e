import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/data/errors.js';
import { type MatValue, readMat } from '../../../src/datasets/convert/mat5.js';
import { writeMat } from '../../support/mat-writer.js';

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,9}$/);
const { value } = fc.letrec<{ value: MatValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.array(fc.double({ noNaN: true }), { maxLength: 5 }).map((values): MatValue => ({ kind: 'numbers', values })),
    fc.string({ unit: 'grapheme', maxLength: 9 }).map((text): MatValue => ({ kind: 'text', text })),
    fc.array(tie('value'), { maxLength: 3 }).map((cells): MatValue => ({ kind: 'cells', cells })),
    fc
      .tuple(
        fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(tie('value'), tie('value'), tie('value')), { minLength: 1, maxLength: 3 }),
      )
      .map(
        ([fields, rows]): MatValue => ({
          kind: 'structs',
          structs: rows.map((row) => Object.fromEntries(fields.map((field, i) => [field, row[i]]))),
        }),
      ),
  ),
}));
const variables = fc.dictionary(name, value, { maxKeys: 3, noNullPrototype: true });
const layout = fc.record({ little: fc.boolean(), compressed: fc.boolean(), small: fc.boolean() });

describe('readMat', () => {
  it('reads what was written, in either byte order, compressed or not', () => {
    fc.assert(
      fc.property(variables, layout, (written, how) => {
        expect(readMat(writeMat(written, how), 'x.mat')).toEqual(written);
      }),
      { numRuns: 200 },
    );
  });

  it('answers damage with a UserError, whatever was cut off or changed', () => {
    fc.assert(
      fc.property(variables, layout, fc.nat(), fc.nat({ max: 255 }), fc.boolean(), (written, how, choice, byte, cuts) => {
        const bytes = writeMat(written, how);
        const at = choice % bytes.length;
        if (!cuts) bytes[at] = byte;
        try {
          readMat(cuts ? bytes.subarray(0, at) : bytes, 'x.mat');
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          expect(error.message).toMatch(/^x\.mat: /);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('answers every byte that is changed, also where it tells how many elements there are', () => {
    const written: Record<string, MatValue> = {
      s: {
        kind: 'structs',
        structs: [{ a: { kind: 'text', text: 'x' }, b: { kind: 'cells', cells: [{ kind: 'numbers', values: [1] }] } }],
      },
    };
    for (const little of [false, true]) {
      const whole = writeMat(written, { little, compressed: false, small: true });
      for (let at = 0; at < whole.length; at++) {
        for (const byte of [0, 1, 2, 64, 127, 255]) {
          const bytes = Uint8Array.from(whole);
          bytes[at] = byte;
          try {
            readMat(bytes, 'x.mat');
          } catch (error) {
            expect(error).toBeInstanceOf(UserError);
          }
        }
      }
    }
  });

  it.each(['cars.mat', 'cars-compressed.mat'])('reads %s, which scipy wrote', (file) => {
    const { annotations, ...others } = readMat(readFileSync(new URL(`../../fixtures/datasets/${file}`, import.meta.url)), file);
    const numbers = (...values: number[]) => ({ kind: 'numbers', values });
    const text = (of: string) => ({ kind: 'text', text: of });
    const car = (path: string, ...values: number[]) => ({
      relative_im_path: text(path),
      ...Object.fromEntries(['bbox_x1', 'bbox_y1', 'bbox_x2', 'bbox_y2', 'class', 'test'].map((field, i) => [field, numbers(values[i])])),
    });
    expect(annotations).toEqual({
      kind: 'structs',
      structs: [
        car('car_ims/000001.jpg', 2, 1, 300, 20, 1, 0),
        car('car_ims/000002.jpg', 1, 3, 30, 21, 98, 1),
        car('car_ims/é.jpg', 5, 3, 40, 2 ** 40, 196, -1),
      ],
    });
    expect(others).toEqual({
      class_names: { kind: 'cells', cells: [text('AM General Hummer SUV 2000'), text('Acura RL Sedan 2012')] },
      lines: text('ab\ncd'),
      matrix: numbers(1.5, 3.5, 2.5, -4.5),
      nothing: numbers(),
      sparse: { kind: 'other' },
    });
  });

  it('refuses other files by what they are', () => {
    expect(() => readMat(Buffer.from('label,path\n'), 'x.mat')).toThrow('x.mat: not a MATLAB file of version 5 to 7');
    const hdf = Buffer.alloc(256);
    hdf.write('MATLAB 7.3 MAT-file');
    expect(() => readMat(hdf, 'x.mat')).toThrow('x.mat: a MATLAB file of version 7.3 is not read; save it with -v7');
  });
});
