import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { picturesIn } from '../../pipelines/pictures-folder.js';
import { writePredictions } from '../../pipelines/write-predictions.js';
import { embeddingTable, temporaryFolder, writeTable } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

describe('picturesIn', () => {
  it('finds the pictures of a folder and its folders, in any case, in one order', async () => {
    mkdirSync(at('pictures/b/deep.png'), { recursive: true });
    const names = ['z.JPG', 'b/10.jpeg', 'b/9.JPEG', 'A.webp', 'b/deep.png/x.Png', 'é.tiff', 'v.svg', 'g.gif', 'a.avif', 't.tif'];
    for (const name of [...names, 'notes.txt', 'b/png', '.jpg.part']) writeFileSync(at(`pictures/${name}`), '');
    symlinkSync(at('pictures/z.JPG'), at('pictures/link.jpg'));
    symlinkSync(at('pictures/b'), at('pictures/folder.jpg'));
    const found = await picturesIn(at('pictures'));
    expect(found).toEqual([...names, 'link.jpg'].sort());
    expect(found.indexOf('A.webp')).toBeLessThan(found.indexOf('a.avif'));
  });

  it('refuses a folder without pictures', async () => {
    mkdirSync(at('empty'));
    await expect(picturesIn(at('empty'))).rejects.toThrow(`${at('empty')}: no pictures in it (.jpg, .jpeg, .png,`);
  });
});

describe('writePredictions', () => {
  it('writes any names and vectors as JSON gives them back, in their order', () =>
    fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 20 }),
        fc.infiniteStream(fc.float({ noNaN: true, noDefaultInfinity: true })),
        async (path, floats) => {
          const vectors = path.map(() => [...floats.take(3)].map((x) => x + 0));
          const half = Math.ceil(path.length / 2);
          const parts = [[0, half] as const, [half, path.length] as const].filter(([start, end]) => start < end);
          const tables = parts.map(([start, end]) => embeddingTable(vectors.slice(start, end), { path: path.slice(start, end) }));
          await writeTable(at('e.arrow'), ...tables);
          expect(await writePredictions(at('e.arrow'), at('p.json'))).toBe(path.length);
          const text = readFileSync(at('p.json'), 'utf8');
          const lines = text.slice(2, -3).split(',\n');
          expect(lines.map((line) => Object.entries(JSON.parse(`{${line}}`))[0])).toEqual(path.map((name, i) => [name, vectors[i]]));
          expect(Object.keys(JSON.parse(text)).sort()).toEqual([...path].sort());
        },
      ),
      { numRuns: 30 },
    ));

  it('calls items by path, else id, else text, else row, and refuses a name that comes twice', async () => {
    const names = async (columns: Record<string, string[]>) => {
      await writeTable(at('n.arrow'), embeddingTable([[1], [2]], columns));
      await writePredictions(at('n.arrow'), at('n.json'));
      return Object.keys(JSON.parse(readFileSync(at('n.json'), 'utf8')));
    };
    expect(await names({ text: ['x', 'y'], id: ['i', 'j'], path: ['a', 'b'] })).toEqual(['a', 'b']);
    expect(await names({ text: ['x', 'y'], id: ['i', 'j'] })).toEqual(['i', 'j']);
    expect(await names({ text: ['x', 'y'] })).toEqual(['x', 'y']);
    expect(await names({ color: ['x', 'y'] })).toEqual(['0', '1']);
    const before = readdirSync(folder);
    await expect(names({ path: ['a', 'a'] })).rejects.toThrow(
      'two items are called "a", which JSON cannot tell apart; write .parquet instead',
    );
    expect(readdirSync(folder)).toEqual(before);
  });
});
