import { UserError } from '../../data/errors.js';
import type { BlockReader } from './block-reader.js';
import type { Entries } from './entries.js';
import { type Kind, numberOf } from './kind.js';

/** The names of BEIR's columns and keys. */
export const BEIR = ['query-id', 'corpus-id', 'score'] as const;

const [LF, CR, TAB] = [10, 13, 9];

/** BEIR's qrels and runs as tab-separated values under a header: query-id, corpus-id, score. */
export function beirTsv(kind: Kind, entries: Entries): BlockReader {
  const { source } = entries;
  let header = true;
  return {
    block(bytes, firstLine) {
      let line = firstLine;
      for (let at = 0; at < bytes.length; line++) {
        const next = bytes.indexOf(LF, at) + 1;
        const end = bytes[next - 2] === CR ? next - 2 : next - 1;
        const start = at;
        at = next;
        if (start >= end) continue;
        if (header) {
          header = false;
          continue;
        }
        const first = bytes.indexOf(TAB, start);
        const second = bytes.indexOf(TAB, first + 1);
        const third = bytes.indexOf(TAB, second + 1);
        if (first < 0 || first >= end || second < 0 || second >= end || (third >= 0 && third < end))
          throw new UserError(`${source}, line ${line}: not three columns between tabs (${BEIR.join(', ')})`);
        const number = numberOf(kind, bytes, second + 1, end, source, line);
        const query = entries.query(bytes, start, first);
        entries.add(query, first + 1, second, number, line);
      }
      entries.settle(bytes);
      return line;
    },
    end: () => undefined,
  };
}

/** BEIR's qrels and runs as one JSON object a line: `{"query-id": "1", "corpus-id": "d7", "score": 1}`. */
export function beirJsonLines(kind: Kind, entries: Entries): BlockReader {
  const { source } = entries;
  const id = (record: Record<string, unknown>, key: string, line: number): Buffer => {
    const value = record[key];
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new UserError(`${source}, line ${line}: no "${key}"; a line is an object with ${BEIR.map((name) => `"${name}"`).join(', ')}`);
    return Buffer.from(String(value));
  };
  return {
    block(bytes, firstLine) {
      const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString().split('\n').slice(0, -1);
      let line = firstLine;
      for (const text of lines) {
        if (text.trim() !== '') {
          const record = objectOf(text, source, line);
          const [query, document] = [id(record, BEIR[0], line), id(record, BEIR[1], line)];
          const value = Buffer.from(String(record.score));
          const number = numberOf(kind, value, 0, value.length, source, line);
          entries.add(entries.query(query, 0, query.length), 0, document.length, number, line);
          entries.settle(document);
        }
        line++;
      }
      return line;
    },
    end: () => undefined,
  };
}

function objectOf(text: string, source: string, line: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new UserError(`${source}, line ${line}: not a JSON object`);
}
