import { mkdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeText } from '../../pipelines/files.js';
import { writeAside } from '../../src/io/write-aside.js';
import { refusal, temporaryFolder } from './support.js';

const folder = temporaryFolder();

describe('a file that is written aside', () => {
  it('is whole, in place of what was there, also with several writers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 }), { minLength: 1, maxLength: 5 }), async (contents) => {
        const path = folder.path('file');
        await Promise.all(contents.map((content) => writeAside(path, content)));
        const there = readFileSync(path).toString('hex');
        expect(contents.map((content) => Buffer.from(content).toString('hex'))).toContain(there);
        expect(folder.names()).toEqual(['file']);
      }),
      { numRuns: 30 },
    );
  });

  it('leaves nothing where it cannot be made, and is told of in one line', async () => {
    mkdirSync(folder.path('folder'));
    await expect(writeAside(folder.path('folder'), 'x')).rejects.toThrow('EISDIR');
    // The name itself may be as long as that; the one aside is longer.
    const long = folder.path('x'.repeat(250));
    expect(await refusal(() => writeText(long, 'x'))).toBe(`${long}: cannot be written (ENAMETOOLONG)`);
    expect(folder.names().filter((name) => name.includes('.tmp') || name === basename(long))).toEqual([]);
  });
});
