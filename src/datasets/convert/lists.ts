import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../data/errors.js';

/**
 * The first of some places in a folder where a file (or a folder) is.
 * @throws UserError naming the first place
 */
export async function findIn(folder: string, ...places: readonly string[]): Promise<string> {
  for (const place of places) if (await isThere(join(folder, place))) return join(folder, place);
  const others = places.length > 1 ? ` (nor ${places.slice(1).join(', ')})` : '';
  throw new UserError(`${folder}: there is no ${places[0]}${others}; give the folder of the data set, unpacked`);
}

export async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** The lines of a list, each its values between spaces. */
export interface ListLine {
  readonly values: readonly string[];
  /** File and line, for messages. */
  readonly place: string;
}

/**
 * Reads a list: values between spaces, as many in every line.
 * @param options.skip lines in front
 * @throws UserError naming the line that has another number of values
 */
export async function readList(file: string, width: number, { skip = 0 }: { readonly skip?: number } = {}): Promise<ListLine[]> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines.flatMap((line, i) => {
    const values = line.trim().split(/\s+/);
    if (i < skip || values[0] === '') return [];
    const place = `${file}, line ${i + 1}`;
    if (values.length !== width) throw new UserError(`${place}: ${values.length} values, not ${width}`);
    return [{ values, place }];
  });
}

/** The number that a value of a list is. @throws UserError when it is none */
export function numberIn({ values, place }: ListLine, at: number): number {
  const n = Number(values[at]);
  if (!Number.isFinite(n)) throw new UserError(`${place}: "${values[at]}" is no number`);
  return n;
}

/** The whole number that a value of a list is. @throws UserError when it is none */
export function integerIn(line: ListLine, at: number): number {
  const n = numberIn(line, at);
  if (!Number.isInteger(n)) throw new UserError(`${line.place}: "${line.values[at]}" is no whole number`);
  return n;
}

/** A list by the value in its first column, for joining lists. */
export function byFirst(lines: readonly ListLine[]): (line: ListLine) => ListLine {
  const first = new Map(lines.map((line) => [line.values[0], line]));
  return ({ values, place }) => {
    const found = first.get(values[0]);
    if (!found) throw new UserError(`${place}: "${values[0]}" does not stand in the list beside it`);
    return found;
  };
}
