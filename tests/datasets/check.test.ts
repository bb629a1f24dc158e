import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkItems, type Finding, violationCount } from '../../src/datasets/check.js';
import { FILE_RULES, OPENING_RULES, RULES } from '../../src/datasets/check-rules.js';
import { openItems, readItems } from '../../src/datasets/format-open.js';
import { temporaryFolder, writeTable } from '../support/tables.js';
import { type Cells, HEIGHT, validTable, WIDTH, writeCsv, writePictures } from './items-support.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
let number = 0;
const fresh = (ending = 'csv') => at(`items-${number++}.${ending}`);

beforeAll(() => writePictures(folder));

/** Rule and column of each violation, and its row. */
async function violations(rows: readonly Cells[]) {
  const { violations: found } = await checkItems(await readItems(writeCsv(fresh(), rows)));
  return found.map(({ rule, row, column }) => ({ rule, row, column }));
}

/** The same table in a file of another format. */
async function written(rows: readonly Cells[], ending: string): Promise<string> {
  if (ending === 'tsv') return writeCsv(fresh('tsv'), rows, '\t');
  const csv = writeCsv(fresh(), rows);
  const file = fresh(ending);
  if (ending === 'csv') return csv;
  if (ending === 'csv.gz') writeFileSync(file, gzipSync(readFileSync(csv)));
  else await writeTable(file, ...(await readItems(csv)).table.batches);
  return file;
}

/** A mistake: which rows can have it, what it changes there, which rule tells of it (by default in the column that was changed). */
interface Mistake {
  readonly rule: string;
  readonly column: string;
  readonly value: string;
  readonly where?: (row: Cells) => boolean;
}

const train = ({ split }: Cells) => split === 'train';
const validation = ({ split }: Cells) => split === 'validation';
const boxed = (row: Cells) => row.x_1 !== '';
const mistake = (rule: string, column: string, value: string, where?: (row: Cells) => boolean): Mistake => ({ rule, column, value, where });

const MISTAKES: readonly Mistake[] = [
  mistake('splits', 'split', 'test'),
  mistake('splits', 'split', ''),
  mistake('flags', 'is_query', 'maybe'),
  mistake('flags', 'is_gallery', '2'),
  mistake('train-flags', 'is_query', 'True', train),
  mistake('train-flags', 'is_gallery', '0', train),
  mistake('validation-flags', 'is_query', '', validation),
  mistake('validation-flags', 'is_gallery', '', validation),
  mistake('query-labels', 'label', '1234', ({ is_query, is_gallery }) => /^(1|true)/i.test(is_query) && /^(0|false)/i.test(is_gallery)),
  mistake('labels-given', 'label', ''),
  mistake('labels', 'label', '1.5'),
  mistake('sequences', 'sequence', '1.5'),
  mistake('all-content', 'path', ''),
  mistake('all-content', 'text', ''),
  mistake('paths-inside', 'path', '../a.png'),
  mistake('paths-inside', 'path', '/a.png'),
  mistake('files', 'path', 'nowhere.png'),
  mistake('files', 'path', '.'),
  mistake('boxes-whole', 'x_1', '', boxed),
  mistake('boxes-whole', 'y_2', '', boxed),
  mistake('boxes-integer', 'y_1', '0.5', boxed),
  mistake('boxes-integer', 'x_2', 'wide', boxed),
  mistake('boxes-not-negative', 'x_1', '-1', boxed),
  mistake('boxes-not-negative', 'y_1', '-7', boxed),
  mistake('boxes-ordered', 'x_2', '0', boxed),
  mistake('boxes-ordered', 'y_2', '0', boxed),
  mistake('boxes-inside', 'x_2', String(WIDTH + 1), boxed),
  mistake('boxes-inside', 'y_2', String(HEIGHT + 1), boxed),
  mistake('start-times', 'start_time', '-0.5'),
  mistake('start-times', 'start_time', 'late'),
  mistake('start-times', 'start_time', 'inf'),
];

describe('checkItems', () => {
  it('has nothing against a valid table, as CSV, TSV, Parquet or Arrow', async () => {
    await fc.assert(
      fc.asyncProperty(validTable, fc.constantFrom('csv', 'tsv', 'csv.gz', 'parquet', 'arrow'), async (rows, ending) => {
        const file = await written(rows, ending);
        const { counts, violations: found, warnings } = await checkItems(await readItems(file));
        expect(found).toEqual([]);
        expect(warnings).toEqual([]);
        const count = (has: (row: Cells) => boolean) => rows.filter(has).length;
        const distinct = (name: string) => new Set(rows.map((row) => row[name])).size;
        expect(counts).toEqual({
          items: rows.length,
          train: count(train),
          validation: count(validation),
          queries: count(({ is_query }) => /^(1|true)/i.test(is_query)),
          gallery: count(({ is_gallery }) => /^(1|true)/i.test(is_gallery)),
          labels: distinct('label'),
          categories: distinct('category'),
          files: distinct('path'),
          boxes: count(boxed),
        });
        await openItems(file);
      }),
      { numRuns: 60 },
    );
  });

  it.each(MISTAKES)('finds a mistake of $rule: $column is "$value"', async ({ rule, column, value, where = () => true }) => {
    await fc.assert(
      fc.asyncProperty(validTable, fc.nat(), async (rows, choice) => {
        const possible = rows.flatMap((row, i) => (where(row) ? [i] : []));
        fc.pre(possible.length > 0);
        const row = possible[choice % possible.length];
        const changed = rows.map((cells, i) => (i === row ? { ...cells, [column]: value } : cells));
        expect(await violations(changed)).toContainEqual({ rule, row, column });
      }),
      { numRuns: 8 },
    );
  });

  it('tells of all violations, of every kind at once', async () => {
    const kinds = ['splits', 'flags', 'files', 'boxes-ordered', 'start-times'];
    await fc.assert(
      fc.asyncProperty(validTable, async (rows) => {
        fc.pre(rows.some(boxed));
        const changed = rows.map((row) => ({
          ...row,
          split: 'none',
          is_query: 'x',
          path: 'none.png',
          start_time: 'x',
          ...(boxed(row) && { x_1: '5', x_2: '5' }),
        }));
        const found = await violations(changed);
        const by = (rule: string) => found.filter((one) => one.rule === rule).map(({ row }) => row);
        const all = rows.map((_, row) => row);
        expect(kinds.map(by)).toEqual([all, all, all, all.filter((row) => boxed(rows[row])), all]);
      }),
      { numRuns: 15 },
    );
  });

  it('counts all findings, tells all of them when they are found, and keeps as many of each rule as it is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(validTable, fc.integer({ min: 0, max: 3 }), async (rows, most) => {
        const changed = rows.map((row) => ({ ...row, split: 'none', path: 'none.png', label: 'text', category: row.text }));
        const items = await readItems(writeCsv(fresh(), changed));
        const all = await checkItems(items);
        const told: Finding[][] = [[], []];
        const some = await checkItems(items, { most, onFinding: (finding, warns) => told[Number(warns)].push(finding) });
        expect(told).toEqual([all.violations, all.warnings]);
        const firsts = (findings: readonly Finding[]) =>
          findings.filter((one) => findings.filter(({ rule }) => rule === one.rule).indexOf(one) < most);
        expect(some).toEqual({ ...all, violations: firsts(all.violations), warnings: firsts(all.warnings) });
        expect(all.found).toMatchObject({ splits: rows.length, files: rows.length, 'text-labels': 1 });
        expect(violationCount(some)).toBe(all.violations.length);
      }),
      { numRuns: 15 },
    );
  });

  it('names the file, the row and the column in one line', async () => {
    const rows = await fc.sample(
      validTable.filter((table) => table.length > 3),
      1,
    )[0];
    const file = writeCsv(
      at('named.csv'),
      rows.map((row, i) => (i === 2 ? { ...row, path: '../up.png' } : row)),
    );
    const { violations: found } = await checkItems(await readItems(file));
    expect(found.map(({ message }) => message)).toContain(
      `${file}, row 2, column "path": "../up.png" lies outside of the root folder; give paths inside of it, or another --root`,
    );
  });

  it('tells of columns that are missing, and of the nearest name', async () => {
    writeFileSync(at('few.csv'), 'lable,split,is_query,x_1,x_2,paths\n1,train,,3,4,a.png\n');
    const { violations: found, warnings } = await checkItems(await readItems(at('few.csv')));
    expect(found.map(({ rule, column, message }) => [rule, column, message.split(': ')[1]])).toEqual([
      ['columns', 'label', 'there is no such column; did you mean "lable"?'],
      ['columns', 'is_gallery', 'there is no such column'],
      ['columns', 'path', 'there is neither a column "path" nor "text"; did you mean "paths"?'],
      ['box-columns', 'y_1', 'there is no such column, but others of the box'],
      ['box-columns', 'y_2', 'there is no such column, but others of the box'],
    ]);
    expect(warnings.map(({ rule, column }) => [rule, column])).toEqual(['lable', 'paths'].map((column) => ['near-columns', column]));
    writeFileSync(at('header.csv'), 'label,split,is_query,is_gallery,text\n');
    expect((await checkItems(await readItems(at('header.csv')))).violations.map(({ rule }) => rule)).toEqual(['rows']);
  });

  it('warns of labels that are texts, at the one that makes them so, and of two categories of one label', async () => {
    const rows = Array.from({ length: 5001 }, (_, i) => ({
      label: i === 5000 ? 'late' : String(i % 7),
      split: 'train',
      is_query: '',
      is_gallery: '',
      text: 't',
      category: i < 4000 || i % 7 < 5 ? 'usual' : 'other',
    }));
    const { violations: found, warnings } = await checkItems(await readItems(writeCsv(fresh(), rows)));
    expect(found).toEqual([]);
    const first = (label: number) => rows.findIndex((row, i) => i >= 4000 && row.label === String(label));
    expect(warnings.map(({ rule, row }) => [rule, row])).toEqual([
      ['text-labels', 5000],
      ...[5, 6].map((label) => ['one-category', first(label)] as const).sort((a, b) => a[1] - b[1]),
    ]);
  });

  it('refuses a text column of numbers, ids that stand twice, pictures that are none', async () => {
    writeFileSync(at('numbers.csv'), 'label,split,is_query,is_gallery,text,id\n1,train,,,12,a\n1,train,,,13,b\n1,train,,,14,a\n');
    expect((await checkItems(await readItems(at('numbers.csv')))).violations.map(({ rule, row, column }) => [rule, row, column])).toEqual([
      ['content-types', undefined, 'text'],
      ['ids', 2, 'id'],
    ]);
    writeFileSync(at('zip.png'), 'PK\u0003\u0004 and so on');
    writeFileSync(
      at('zip.csv'),
      'label,split,is_query,is_gallery,path,x_1,x_2,y_1,y_2\n1,train,,,zip.png,0,1,0,1\n1,train,,,zip.png,,,,\n',
    );
    const [one, ...more] = (await checkItems(await readItems(at('zip.csv')))).violations;
    expect(one).toMatchObject({ rule: 'boxes-inside', row: 0, column: 'path' });
    expect(one.message).toContain('is no picture that can be read');
    expect(more).toEqual([]);
  });

  it('takes paths from the root, and absolute paths inside of it', async () => {
    writeFileSync(at('absolute.csv'), `label,split,is_query,is_gallery,path\n1,train,,,${at('a.png')}\n1,train,,,x/../b.jpg\n`);
    expect((await checkItems(await readItems(at('absolute.csv')))).violations).toEqual([]);
    mkdirSync(at('x'));
    const elsewhere = await checkItems(await readItems(at('absolute.csv')), { root: at('x') });
    expect(elsewhere.violations.map(({ rule, row }) => [rule, row])).toEqual([
      ['paths-inside', 0],
      ['files', 1],
    ]);
  });

  it('says once that there is no root, and tells of files that are empty, and of backslashes', async () => {
    writeFileSync(at('none.png'), '');
    writeFileSync(at('odd.csv'), 'label,split,is_query,is_gallery,path\n1,train,,,none.png\n1,train,,,sub\\\\a.png\n');
    const items = await readItems(at('odd.csv'));
    const { violations: found } = await checkItems(items);
    expect(found.map(({ message }) => message.split('": ').at(-1))).toEqual([
      'the file is empty',
      'no such file; in paths / stands between folders',
    ]);
    await expect(checkItems(items, { root: at('nowhere') })).rejects.toThrow(`${at('nowhere')}: no such folder`);
    await expect(openItems(at('odd.csv'), { root: at('none.png') })).rejects.toThrow('none.png: is a file; give the folder');
  });

  it('stops when it is told to', async () => {
    const items = await readItems(writeCsv(fresh(), fc.sample(validTable, 1)[0]));
    await expect(checkItems(items, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });

  it('has rules of different names, each of them tested', () => {
    const names = [...RULES, ...FILE_RULES].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const tested = new Set(MISTAKES.map(({ rule }) => rule));
    const elsewhere = [
      'rows',
      'columns',
      'box-columns',
      'content-types',
      'content',
      'ids',
      'validation-role',
      'text-labels',
      'one-category',
      'near-columns',
    ];
    expect(names.filter((name) => !tested.has(name)).sort()).toEqual(elsewhere.sort());
  });

  it('finds rows of validation without a role, and rows without content', async () => {
    await fc.assert(
      fc.asyncProperty(validTable, fc.nat(), async (rows, choice) => {
        const row = choice % rows.length;
        const plain = rows.map(({ text: _, ...cells }) => cells as Cells);
        const lost = plain.map((cells, i) => (i === row ? { ...cells, path: '' } : cells));
        expect(await violations(lost)).toContainEqual({ rule: 'content', row, column: 'path' });
        const idle = plain.map((cells, i) => (i === row ? { ...cells, split: 'validation', is_query: '0', is_gallery: 'False' } : cells));
        expect(await violations(idle)).toContainEqual({ rule: 'validation-role', row, column: 'is_query' });
      }),
      { numRuns: 15 },
    );
  });
});

describe('openItems', () => {
  it('refuses exactly what the opening rules tell of, at the first violation', async () => {
    const opening = new Set(OPENING_RULES.map(({ name }) => name));
    await fc.assert(
      fc.asyncProperty(validTable, fc.constantFrom(...MISTAKES), fc.nat(), async (rows, { column, value, where = () => true }, choice) => {
        const possible = rows.flatMap((row, i) => (where(row) ? [i] : []));
        fc.pre(possible.length > 0);
        const row = possible[choice % possible.length];
        const file = writeCsv(
          fresh(),
          rows.map((cells, i) => (i === row ? { ...cells, [column]: value } : cells)),
        );
        const first = (await checkItems(await readItems(file))).violations.find(({ rule }) => opening.has(rule));
        if (first === undefined) await openItems(file);
        else await expect(openItems(file)).rejects.toThrow(first.message);
      }),
      { numRuns: 60 },
    );
  });
});
