import { readFileSync, writeFileSync } from 'node:fs';
import { Int32, Table, Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/data/errors.js';
import { readArrowStdin } from '../../src/io/arrow.js';
import { readTable } from '../../src/io/open.js';
import { createWriter } from '../../src/io/write.js';
import { collect, refusal, rowsOf, temporaryFolder } from './support.js';

const folder = temporaryFolder();
const table = new Table({
  label: vectorFromArray([1, 2, 3, 4, 5, 6], new Int32()),
  text: vectorFromArray(['a', 'b', null, 'd', 'e', 'f'], new Utf8()),
}).batches[0];
const ENDINGS = ['.arrow', '.arrows', '.parquet'];
const whole = new Map<string, Buffer>();

beforeAll(async () => {
  for (const ending of ENDINGS) {
    const path = folder.path(`whole${ending}`);
    const writer = createWriter(path);
    await writer.write(table.slice(0, 3));
    await writer.write(table.slice(3, 6));
    await writer.close();
    whole.set(ending, readFileSync(path));
  }
  whole.set('.npy', readFileSync('tests/fixtures/io/vectors-f4.npy'));
});

describe.each([...ENDINGS, '.npy'])('a %s file', (ending) => {
  it('that lost its end is refused, wherever it was cut', async () => {
    const bytes = whole.get(ending) as Buffer;
    const path = folder.path(`cut${ending}`);
    const step = ending === '.npy' ? 7 : 13;
    for (let length = 0; length < bytes.length - 1; length += step) {
      writeFileSync(path, bytes.subarray(0, length));
      const message = await refusal(() => collect(readTable(path)));
      expect(message.startsWith(`${path}: `)).toBe(true);
    }
  });

  it('with wrong bytes is read or refused, and nothing else happens', async () => {
    const bytes = whole.get(ending) as Buffer;
    const path = folder.path(`wrong${ending}`);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (at, value) => {
        const wrong = Buffer.from(bytes);
        wrong[at] = value;
        writeFileSync(path, wrong);
        try {
          await collect(readTable(path));
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          expect((error as Error).message).not.toContain('\n');
        }
      }),
      { numRuns: 120 },
    );
  });
});

describe('an Arrow stream on stdin', () => {
  async function* chunks(bytes: Buffer, sizes: readonly number[]) {
    let at = 0;
    for (let i = 0; at < bytes.length; i++) {
      const size = sizes[i % sizes.length];
      yield bytes.subarray(at, at + size);
      at += size;
    }
  }

  it('is read in whatever pieces it comes', async () => {
    const bytes = whole.get('.arrows') as Buffer;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), async (sizes) => {
        expect(rowsOf(await collect(readArrowStdin({}, chunks(bytes, sizes))))).toEqual(rowsOf([table]));
      }),
      { numRuns: 30 },
    );
  });

  it('is refused when it is cut, empty, or an Arrow file', async () => {
    const bytes = whole.get('.arrows') as Buffer;
    for (let length = 1; length < bytes.length - 1; length += 17) {
      expect(await refusal(() => collect(readArrowStdin({}, chunks(bytes.subarray(0, length), [50]))))).toMatch(/^stdin: /);
    }
    expect(await refusal(() => collect(readArrowStdin({}, chunks(Buffer.alloc(0), [1]))))).toBe(
      'stdin: nothing came; an Arrow IPC stream is expected',
    );
    expect(await refusal(() => collect(readArrowStdin({}, chunks(whole.get('.arrow') as Buffer, [64]))))).toMatch(
      /^stdin: this is an Arrow IPC file/,
    );
  });

  it('can be read only once', async () => {
    const source = readArrowStdin({}, chunks(whole.get('.arrows') as Buffer, [64]));
    await collect(source);
    expect(await refusal(() => collect(source))).toMatch(/^stdin can be read only once/);
  });
});
