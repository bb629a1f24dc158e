import { UserError } from '../../data/errors.js';
import type { BlockReader } from './block-reader.js';
import type { Entries } from './entries.js';
import { type Kind, numberOf } from './kind.js';
import { text } from './numbers.js';

const [LF, SPACE, HASH] = [10, 32, 35];

/**
 * Lines of the TREC formats, as trec_eval reads them: columns between blanks or tabs, blank lines and lines that start with `#` passed over.
 * A run's name is that of its last line.
 */
export function trecLines(kind: Kind, entries: Entries): BlockReader {
  const { source } = entries;
  const { columns, document, value, runId } = kind;
  const width = columns.length;
  // Where the columns of a line start and end.
  const starts = new Int32Array(width);
  const ends = new Int32Array(width);
  let name: string | undefined;

  const wrongWidth = (found: number, line: number) =>
    new UserError(
      `${source}, line ${line}: ${found} column${found === 1 ? '' : 's'} where ${kind.name === 'qrels' ? 'qrels have' : 'a run has'} ${width} (${columns.join(' ')})`,
    );

  return {
    block(bytes, firstLine) {
      let at = 0;
      let line = firstLine;
      let last = 0;
      for (; at < bytes.length; line++) {
        if (bytes[at] === HASH) {
          at = bytes.indexOf(LF, at) + 1;
          continue;
        }
        let found = 0;
        for (;;) {
          while (bytes[at] !== LF && isSpace(bytes[at])) at++;
          if (bytes[at] === LF) break;
          if (found < width) starts[found] = at;
          while (bytes[at] > SPACE || !isSpace(bytes[at])) at++;
          if (found < width) ends[found] = at;
          found++;
        }
        at++;
        if (found === 0) continue;
        if (found < width || (found > width && runId === undefined)) throw wrongWidth(found, line);
        const number = numberOf(kind, bytes, starts[value], ends[value], source, line);
        const query = entries.query(bytes, starts[0], ends[0]);
        entries.add(query, starts[document], ends[document], number, line);
        last = at;
      }
      entries.settle(bytes);
      if (runId !== undefined && last > 0) name = text(bytes, starts[runId], ends[runId]);
      return line;
    },
    end: () => name,
  };
}

/** C's isspace: tab, line feed, vertical tab, form feed, carriage return, space. */
function isSpace(byte: number): boolean {
  return byte === SPACE || (byte >= 9 && byte <= 13);
}
