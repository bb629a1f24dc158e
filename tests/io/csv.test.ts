import { symlinkSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCsv } from '../../src/io/csv.js';
import { readTable } from '../../src/io/open.js';
import { collect, refusal, rowsOf, temporaryFolder } from './support.js';

const folder = temporaryFolder();

function file(text: string | Buffer, name = 'table.csv'): string {
  const path = folder.path(name);
  writeFileSync(path, text);
  return path;
}

async function read(text: string, batchRows = 4096) {
  const path = file(text);
  const batches = await collect(readCsv(path, { batchRows }));
  const types = Object.fromEntries(batches[0].schema.fields.map((field) => [field.name, String(field.type)]));
  return { types, rows: rowsOf(batches), batches };
}

const reason = (text: string) => refusal(() => read(text));

describe('the types of CSV columns', () => {
  it('are integers, floats, flags, text or lists, by their first rows', async () => {
    const { types, rows } = await read('i,f,b,t,l\n1,1.5,true,red,"[1, 2]"\n-2,1e-3,FALSE,007,"[3, 4.5]"\n');
    expect(types).toEqual({ i: 'Int64', f: 'Float64', b: 'Bool', t: 'Utf8', l: 'FixedSizeList[2]<Float32>' });
    expect(rows).toEqual([
      { i: 1, f: 1.5, b: true, t: 'red', l: [1, 2] },
      { i: -2, f: 0.001, b: false, t: '007', l: [3, 4.5] },
    ]);
  });

  it.each([
    ['007', 'Utf8'],
    ['0', 'Int64'],
    ['-0.5', 'Float64'],
    ['.5', 'Float64'],
    ['nan', 'Float64'],
    ['1e400', 'Float64'],
    ['0x10', 'Utf8'],
    ['12345678901234567890', 'Float64'],
    ['1 2', 'Utf8'],
    ['[1 2]', 'FixedSizeList[2]<Float32>'],
    ['[a b]', 'Utf8'],
    ['TRUE', 'Bool'],
    ['yes', 'Utf8'],
  ])('%s is %s', async (value, type) => {
    expect((await read(`x\n${value}\n`)).types).toEqual({ x: type });
  });

  it('have nulls where nothing stands, and are text where nothing stands at all', async () => {
    const { types, rows } = await read('i,f,b,t,n\n1,,true,,\n,2.5,,x,\n');
    expect(types).toEqual({ i: 'Int64', f: 'Float64', b: 'Bool', t: 'Utf8', n: 'Utf8' });
    expect(rows).toEqual([
      { i: 1, f: null, b: true, t: null, n: null },
      { i: null, f: 2.5, b: null, t: 'x', n: null },
    ]);
  });

  it('keep integers beyond 2^53 exactly', async () => {
    const { batches } = await read('x\n9007199254740993\n');
    expect(batches[0].getChildAt(0)?.get(0)).toBe(9007199254740993n);
  });

  it.each(['"[0.5, 1]"', '[0.5 1]', '0.5 1', '0.5;1', '"0.5,1"', '"[ 0.5 ,1 ]"'])('embedding %s is a list', async (list) => {
    expect((await read(`embedding,label\n${list},3\n`)).rows).toEqual([{ embedding: [0.5, 1], label: 3 }]);
  });
});

describe('a CSV file', () => {
  it('is UTF-8, however it is cut into chunks, and nothing else', async () => {
    // Longer than a chunk, with characters of 1 to 4 bytes at every place of its border.
    const line = 'aé€😀';
    for (const shift of [0, 1, 2, 3]) {
      const text = `x\n${'-'.repeat(shift)}${`${line.repeat(1000)}\n`.repeat(40)}`;
      expect((await read(text)).rows[39]).toEqual({ x: line.repeat(1000) });
    }
    expect(await refusal(() => collect(readCsv(file(Buffer.from('path,label\r\na.png,caf\xe9\r\nb.png,tea\r\n', 'latin1')))))).toContain(
      'table.csv: is not UTF-8 (near "a.png,caf\ufffd"); save it in that encoding',
    );
    expect(await refusal(() => collect(readCsv(file(Buffer.from('x\n€').subarray(0, 4)))))).toContain('is not UTF-8 (near "\ufffd")');
  });

  it('is a file that the system can open', async () => {
    symlinkSync('loop.csv', folder.path('loop.csv'));
    expect(await refusal(() => collect(readTable(folder.path('loop.csv'))))).toContain('loop.csv: cannot be read (ELOOP)');
    expect(await refusal(() => collect(readTable(folder.path('.'))))).toContain('is a directory; give a file');
  });

  it('has commas between values, or tabs as TSV', async () => {
    expect(await reason('path;label\na.png;1\n')).toContain('its values seem to be divided by semicolons; save it with commas');
    expect(await reason('path\tlabel\na.png\t1\n')).toContain('divided by tabs');
    expect(await refusal(() => collect(readCsv(file('path,label\na.png,1\n', 'table.tsv'))))).toContain('divided by commas');
    expect((await read('"path, label"\n1\n')).rows).toEqual([{ 'path, label': 1 }]);
  });

  it('may have quotes, line breaks in them, a byte-order mark, CRLF and empty lines', async () => {
    const { rows } = await read('\ufefftext,label\r\n"a, ""b""\nc",1\r\n\r\nd,2\r\n');
    expect(rows).toEqual([
      { text: 'a, "b"\nc', label: 1 },
      { text: 'd', label: 2 },
    ]);
  });

  it('with a header alone is an empty table', async () => {
    const { rows, types } = await read('embedding,label\n');
    expect(rows).toEqual([]);
    expect(Object.keys(types)).toEqual(['embedding', 'label']);
  });

  it('names the index column of pandas', async () => {
    expect((await read(',label\n0,5\n')).rows).toEqual([{ column_0: 0, label: 5 }]);
  });

  it('reads the same whatever its batches and wherever its bytes are zipped', async () => {
    const cell = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', '"', ',', '\n', 'a,b', '"x"', ' '));
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 5 }), async (cells, batchRows) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        // One word makes the column text, whatever the others look like.
        const text = `row,text\n-1,word\n${cells.map((value, i) => `${i},${quoted(value)}\n`).join('')}`;
        const expected = [{ row: -1, text: 'word' }, ...cells.map((value, i) => ({ row: i, text: value === '' ? null : value }))];
        expect((await read(text, batchRows)).rows).toEqual(expected);
        const zipped = file(gzipSync(text), 'table.csv.gz');
        expect(rowsOf(await collect(readTable(zipped, { batchRows })))).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a CSV file that contradicts itself is refused with its row', () => {
  const late = (good: string, bad: string) => `x\n${`${good}\n`.repeat(1000)}${bad}\n`;
  it.each([
    [late('1', 'one'), 'table.csv, row 1000, column "x": "one" is no integer, as all values before are'],
    [late('1', '1.5'), 'table.csv, row 1000, column "x": "1.5" is no integer, as all values before are'],
    [late('1.5', 'one'), 'table.csv, row 1000, column "x": "one" is no number, as all values before are'],
    [late('true', '1'), 'table.csv, row 1000, column "x": "1" is neither true nor false, as all values before are'],
    ['embedding\n"[1, 2]"\n"[1]"\n', 'table.csv, row 1, column "embedding": ragged: 1 numbers, but 2 before'],
    ['embedding\n1 x\n', 'table.csv, row 0, column "embedding": "x" is no number'],
    ['embedding\n1 1e39\n', 'table.csv, row 0, column "embedding": element 1 is 1e39 (beyond float32)'],
    ['a,b\n1,2\n3\n', 'table.csv, row 1: 1 values, but the header names 2 columns'],
    ['a,a\n1,2\n', 'table.csv: two columns are called "a"; columns need different names'],
    ['', 'table.csv: the file is empty'],
  ])('%#', async (text, message) => {
    expect(await reason(text)).toBe(folder.path(message));
  });

  it('a quote that is never closed', async () => {
    expect(await reason('a\nx\n"y\n')).toMatch(/table\.csv, row 1: broken CSV \(/);
  });

  it('other data under the name of a CSV', async () => {
    const binary = file(Buffer.from('PAR1....PAR1'));
    expect(await refusal(() => collect(readTable(binary)))).toMatch(/table\.csv: not a CSV file \(/);
    const plain = file('a\n1\n', 'plain.csv.gz');
    expect(await refusal(() => collect(readTable(plain)))).toMatch(/plain\.csv\.gz: not gzip data \(/);
    const cut = file(gzipSync('a\n1\n'.repeat(100)).subarray(0, -9), 'cut.csv.gz');
    expect(await refusal(() => collect(readTable(cut)))).toMatch(/cut\.csv\.gz.*: broken file \(/);
  });
});
