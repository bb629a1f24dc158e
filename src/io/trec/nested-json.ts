import { UserError } from '../../data/errors.js';
import type { BlockReader } from './block-reader.js';
import type { Entries } from './entries.js';
import { type Kind, numberOf } from './kind.js';

const [LF, SPACE, QUOTE, BACKSLASH, COMMA, COLON, OPEN, CLOSE] = [10, 32, 34, 92, 44, 58, 123, 125];

/**
 * Runs and qrels as ranx and pytrec_eval have them: `{"q1": {"d1": 1.5, "d2": 0.5}, "q2": {...}}`. Read as bytes, so that a key that stands twice,
 * which `JSON.parse` drops, is found, and lines can be named.
 */
export function nestedJson(kind: Kind, entries: Entries): BlockReader {
  const { source } = entries;
  const blocks: Uint8Array[] = [];
  let line = 1;
  return {
    block(bytes, firstLine) {
      if (blocks.length === 0) line = firstLine;
      blocks.push(bytes);
      return line;
    },
    end() {
      // Without the line feed that every block ends with.
      const bytes = Buffer.concat(blocks).subarray(0, -1);
      let at = 0;
      const fail = (wanted: string) =>
        new UserError(
          `${source}, line ${line}: ${at < bytes.length ? JSON.stringify(String.fromCharCode(bytes[at])) : 'the end'} where ${wanted} is expected ` +
            `(JSON {"query": {"document": ${kind.number}}})`,
        );
      const space = () => {
        for (; at < bytes.length && bytes[at] <= SPACE; at++) if (bytes[at] === LF) line++;
      };
      const expect = (byte: number) => {
        space();
        if (bytes[at] !== byte) throw fail(`"${String.fromCharCode(byte)}"`);
        at++;
      };
      const string = (): Buffer => {
        expect(QUOTE);
        const start = at;
        let escaped = false;
        while (bytes[at] !== QUOTE) {
          if (at >= bytes.length || bytes[at] < SPACE) throw fail('the end of a string');
          if (bytes[at] === BACKSLASH) {
            escaped = true;
            at++;
          }
          at++;
        }
        const raw = bytes.subarray(start, at++);
        if (!escaped) return raw;
        try {
          return Buffer.from(JSON.parse(`"${raw}"`) as string);
        } catch {
          throw new UserError(`${source}, line ${line}: "${raw}" is no JSON string`);
        }
      };
      const object = (each: (key: Buffer) => void) => {
        expect(OPEN);
        space();
        if (bytes[at] === CLOSE) {
          at++;
          return;
        }
        for (;;) {
          const key = string();
          expect(COLON);
          space();
          each(key);
          space();
          if (bytes[at] !== COMMA) break;
          at++;
        }
        expect(CLOSE);
      };
      object((queryId) => {
        const query = entries.query(queryId, 0, queryId.length);
        object((document) => {
          const start = at;
          while (at < bytes.length && bytes[at] > SPACE && bytes[at] !== COMMA && bytes[at] !== CLOSE) at++;
          const number = numberOf(kind, bytes, start, at, source, line);
          entries.add(query, 0, document.length, number, line);
          entries.settle(document);
        });
      });
      space();
      if (at < bytes.length) throw fail('the end');
      return undefined;
    },
  };
}
