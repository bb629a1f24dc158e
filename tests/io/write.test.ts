import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Int32, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { readTable } from '../../src/io/open.js';
import { assertWritable, createWriter } from '../../src/io/write.js';
import { collect, refusal, rowsOf, temporaryFolder } from './support.js';

const folder = temporaryFolder();
const batch = new Table({ x: vectorFromArray([1, 2, 3], new Int32()) }).batches[0];

describe('assertWritable', () => {
  it('finds out before the work', async () => {
    await assertWritable('-');
    await assertWritable(folder.path('new.parquet'));
    const missing = folder.path('none/new.parquet');
    expect(await refusal(() => assertWritable(missing))).toBe(
      `${missing}: cannot be written, because there is no folder ${folder.path('none')}; make it first`,
    );
    mkdirSync(folder.path('directory.parquet'));
    expect(await refusal(() => assertWritable(folder.path('directory.parquet')))).toMatch(
      /is a directory; give the name of a file to write$/,
    );
    writeFileSync(folder.path('file'), '');
    expect(await refusal(() => assertWritable(folder.path('file/new.parquet')))).toMatch(/because .*file is not a folder$/);
  });

  // Root may write everywhere.
  it.skipIf(process.getuid?.() === 0)('a folder without the right to write', async () => {
    mkdirSync(folder.path('locked'));
    chmodSync(folder.path('locked'), 0o500);
    expect(await refusal(() => assertWritable(folder.path('locked/new.parquet')))).toMatch(
      /cannot be written in the folder .* \(EACCES\)$/,
    );
  });
});

describe.each(['.arrow', '.arrows', '.parquet'])('a writer of %s', (ending) => {
  it('leaves nothing behind when it is given up, and what stood there before', async () => {
    const path = folder.path(`kept${ending}`);
    writeFileSync(path, 'what stood there before');
    const before = folder.names();
    const writer = createWriter(path);
    await writer.write(batch);
    await writer.abort();
    expect(folder.names()).toEqual(before);
    expect(readFileSync(path, 'utf8')).toBe('what stood there before');
  });

  it('shows its file when it is whole, not before', async () => {
    const path = folder.path(`whole${ending}`);
    const writer = createWriter(path);
    await writer.write(batch);
    expect(folder.names()).not.toContain(`whole${ending}`);
    await writer.close();
    expect(rowsOf(await collect(readTable(path)))).toEqual([{ x: 1 }, { x: 2 }, { x: 3 }]);
    expect(folder.names().filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('refuses a batch of another schema, saying how it differs', async () => {
    const path = folder.path(`mixed${ending}`);
    const writer = createWriter(path);
    await writer.write(batch);
    const other = new Table({ x: vectorFromArray(['a'], new Utf8()) }).batches[0];
    expect(await refusal(() => writer.write(other))).toMatch(/batch 1 does not fit those before: .*x.*/);
    await writer.abort();
  });

  it('refuses to close when it knows of no columns', async () => {
    const writer = createWriter(folder.path(`nothing${ending}`));
    expect(await refusal(() => writer.close())).toMatch(/nothing to write: not one batch came$/);
  });

  it('says that its folder went away', async () => {
    const path = folder.path(`gone/file${ending}`);
    const writer = createWriter(path);
    expect(
      await refusal(async () => {
        await writer.write(batch);
        await writer.close();
      }),
    ).toMatch(/cannot be written, because there is no folder/);
    await writer.abort();
  });
});

it('an ending that is not written is refused, and the nearest suggested', async () => {
  expect(await refusal(() => createWriter('x.parqet'))).toBe(
    'x.parqet: tables are written as .arrow, .feather, .arrows, .parquet; did you mean ".parquet"?',
  );
  expect(await refusal(() => createWriter('table'))).toBe('table: tables are written as .arrow, .feather, .arrows, .parquet');
});
