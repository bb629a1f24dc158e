import { stat } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import sharp from 'sharp';
import { firstLine } from '../data/errors.js';
import { mapLimited } from '../data/map-limited.js';
import { errorCode } from '../io/file.js';
import { isBox, sidesOf } from './check-boxes.js';
import { type Checked, each, type Found, type Rule, shown } from './check-rule.js';
import { leavesRoot } from './format-paths.js';

/** How files are gone through. */
export interface FileReading {
  readonly signal?: AbortSignal;
  /** Told how far it is. */
  readonly progress?: { start(task: string, total?: number): void; advance(steps: number): void; stop(): void };
}

/** A rule of what paths refer to: takes as long as the files are many. */
export interface FileRule extends Omit<Rule, 'check'> {
  check(checked: Checked, found: Found, reading: FileReading): Promise<void>;
}

/** Files that are asked for at a time, and pictures of which the head is read. */
const [STATS, HEADS] = [64, 8];

const NO_BACKSLASHES = 'no such file; in paths / stands between folders';

export const files: FileRule = {
  name: 'files',
  says: 'files exist, and are not empty',
  async check(checked, found, reading) {
    const problems = await forEachFile(checked, allRows, STATS, { ...reading, task: 'files' }, async (file) => {
      const found = await stat(file).catch((error) => errorCode(error) ?? firstLine(error));
      if (found === 'ENOENT' || found === 'ENOTDIR') return file.includes('\\') && sep === '/' ? NO_BACKSLASHES : 'no such file';
      if (typeof found === 'string') return `the file cannot be read (${found})`;
      if (!found.isFile()) return 'is no file';
      return found.size === 0 ? 'the file is empty' : undefined;
    });
    each(checked.items, 'path', (path, row) => {
      const problem = problems.get(path);
      if (problem !== undefined) found(row, 'path', `${shown(path)}: ${problem}`);
    });
  },
};

export const boxesInside: FileRule = {
  name: 'boxes-inside',
  says: 'boxes lie inside their pictures',
  async check(checked, found, reading) {
    const { items } = checked;
    const hasBox = (row: number) => isBox(sidesOf(items, row));
    const sizes = await forEachFile(checked, hasBox, HEADS, { ...reading, task: 'pictures' }, (file) =>
      // A picture that is not there is told of by the other rule.
      sharp(file)
        .metadata()
        .catch(async (error) => ((await stat(file).catch(() => undefined))?.isFile() ? firstLine(error) : undefined)),
    );
    each(items, 'path', (path, row) => {
      const size = hasBox(row) ? sizes.get(path) : undefined;
      if (size === undefined) return;
      if (typeof size === 'string') return found(row, 'path', `${shown(path)} has a box, but is no picture that can be read (${size})`);
      const { x_2, y_2 } = sidesOf(items, row);
      const [width, height] = [size.width, size.height];
      if (Number(x_2) > width) found(row, 'x_2', `${x_2} lies outside of the picture, which is ${width} x ${height}`);
      if (Number(y_2) > height) found(row, 'y_2', `${y_2} lies outside of the picture, which is ${width} x ${height}`);
    });
  },
};

const allRows = () => true;

/** What `work` says of every file of the rows wanted, by the path that stands in the table: each is looked at once. Paths that leave the root are not. */
async function forEachFile<T>(
  { items, root }: Checked,
  wanted: (row: number) => boolean,
  limit: number,
  { signal, progress, task }: FileReading & { readonly task: string },
  work: (file: string) => Promise<T>,
): Promise<Map<unknown, T>> {
  const distinct = new Set<string>();
  each(items, 'path', (path, row) => {
    if (typeof path === 'string' && path !== '' && !distinct.has(path) && wanted(row) && !leavesRoot(root, path)) distinct.add(path);
  });
  const paths = [...distinct];
  progress?.start(task, paths.length);
  try {
    const values = await mapLimited(paths, limit, async (path) => {
      signal?.throwIfAborted();
      const value = await work(resolve(root, path));
      progress?.advance(1);
      return value;
    });
    return new Map(paths.map((path, i) => [path, values[i]]));
  } finally {
    progress?.stop();
  }
}
