import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';

/** A row of a table as CSV has it: texts, empty where there is nothing. */
export type Cells = Record<string, string>;

/** Width and height of every picture that `writePictures` makes. */
export const [WIDTH, HEIGHT] = [20, 10];
export const PICTURES = ['a.png', 'b.jpg', 'c.webp'];

export async function writePictures(folder: string, names: readonly string[] = PICTURES, [width, height] = [WIDTH, HEIGHT]): Promise<void> {
  for (const name of names) await sharp({ create: { width, height, channels: 3, background: '#123456' } }).toFile(join(folder, name));
}

/** Values of cells as texts of CSV. */
export function writeCsv(file: string, rows: readonly Cells[], separator = ','): string {
  const names = Object.keys(rows[0]);
  const cell = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  writeFileSync(
    file,
    [names, ...rows.map((row) => names.map((name) => cell(row[name])))].map((line) => `${line.join(separator)}\n`).join(''),
  );
  return file;
}

const flag = fc.constantFrom('True False', '1 0', '1.0 0.0', 'true false');

/** A table that keeps every rule, without warnings: every label that is validated stands in the gallery. */
export const validTable: fc.Arbitrary<Cells[]> = fc
  .record({
    yesNo: flag,
    rows: fc.array(
      fc.record({
        train: fc.boolean(),
        label: fc.integer({ min: -3, max: 9 }),
        role: fc.constantFrom('query', 'gallery', 'both'),
        picture: fc.constantFrom(...PICTURES),
        box: fc.option(
          fc.tuple(
            fc.integer({ min: 0, max: WIDTH - 1 }),
            fc.integer({ min: 1, max: WIDTH }),
            fc.integer({ min: 0, max: HEIGHT - 1 }),
            fc.integer({ min: 1, max: HEIGHT }),
          ),
        ),
        text: fc.constantFrom('a', 'two words', 'with, comma', '"quoted"', 'é\nline'),
        start: fc.constantFrom('', '0', '1.5', '3'),
        sequence: fc.constantFrom('', '4', '5'),
      }),
      { minLength: 1, maxLength: 12 },
    ),
    floats: fc.boolean(),
  })
  .map(({ yesNo, rows, floats }) => {
    const [yes, no] = yesNo.split(' ');
    const seen = new Set<number>();
    return rows.map(({ train, label, role, picture, box, text, start, sequence }, i) => {
      const first = !train && !seen.has(label);
      if (!train) seen.add(label);
      const is = (what: string) => (train ? '' : first || role === 'both' || role === what ? yes : no);

      const pixel = (n: number | undefined) => (n === undefined ? '' : floats ? `${n}.0` : `${n}`);
      return {
        id: `item ${i}`,
        label: String(label),
        split: train ? 'train' : 'validation',
        is_query: is('query'),
        is_gallery: is('gallery'),
        path: picture,
        category: `c${label % 3}`,
        sequence,
        x_1: pixel(box?.[0]),
        x_2: pixel(box ? Math.max(box[0] + 1, box[1]) : undefined),
        y_1: pixel(box?.[2]),
        y_2: pixel(box ? Math.max(box[2] + 1, box[3]) : undefined),
        text: `text: ${text}`,
        start_time: start,
        other: 'rides along',
      };
    });
  });
